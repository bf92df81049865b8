/* JPEG through libjpeg(-turbo), with its setjmp error handling kept on this side of the border.
 * No function keeps a pointer it was given. Every buffer is checked against its stated size by the caller. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CJPEG_OK = 0,
  CJPEG_TRUNCATED,     /* the data ends too early */
  CJPEG_CORRUPT,       /* the data contradicts itself */
  CJPEG_UNSUPPORTED,   /* a valid file of a kind that libjpeg cannot decode */
  CJPEG_OUT_OF_MEMORY, /* memory ran out, or the decoder wanted more than max_memory */
} cjpeg_status;

enum { CJPEG_MESSAGE_SIZE = 256 };

typedef struct {
  const uint8_t *data;
  size_t size;
  uint32_t width, height; /* the stored size that the caller found in the header; another one is corrupt */
  uint32_t scale;         /* the image is decoded at scale/8 of its size: 1, 2, 4 or 8 */
  uint32_t crop_x, crop_y, crop_width, crop_height; /* inside ceil(width * scale / 8) x ceil(height * scale / 8) */
  uint8_t *out;           /* crop_height rows of crop_width * 3 bytes of RGB, without padding */
  uint32_t max_scans;     /* more scans than this are refused as corrupt */
  size_t max_memory;      /* bytes that libjpeg may allocate for coefficients */
} cjpeg_decode_request;

/* Decodes the crop, and only its rows and columns; the result equals the crop of a full decode. CMYK and YCCK are
 * taken as inverted, as Adobe writes them. A damage of the data in what was decoded is an error. On failure the message
 * says why, and the output's contents are undefined. */
__attribute__((warn_unused_result)) cjpeg_status cjpeg_decode(
    const cjpeg_decode_request *request, char message[CJPEG_MESSAGE_SIZE]);

typedef struct {
  const uint8_t *pixels; /* height rows of width * channels bytes, without padding */
  uint32_t width, height;
  uint32_t channels;     /* 3: RGB, 1: grey */
  int quality;           /* 1 to 100 */
  int subsample;         /* nonzero: chroma at half resolution in both directions (4:2:0), else 4:4:4 */
} cjpeg_encode_request;

/* Encodes to a new buffer, which the caller frees with cjpeg_free. */
__attribute__((warn_unused_result)) cjpeg_status cjpeg_encode(
    const cjpeg_encode_request *request, uint8_t **out, size_t *out_size, char message[CJPEG_MESSAGE_SIZE]);

void cjpeg_free(uint8_t *buffer);

/* The version of the API of the library that this was compiled against, for example 62 or 80; libjpeg-turbo's own
 * version (2001005 is 2.1.5), or 0 for another libjpeg. */
int cjpeg_library_version(void);
int cjpeg_turbo_version(void);

#ifdef __cplusplus
}
#endif
