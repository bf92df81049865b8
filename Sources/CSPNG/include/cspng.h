/* PNG through libspng. No function keeps a pointer it was given. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CSPNG_OK = 0,
  CSPNG_TRUNCATED,     /* the data ends too early */
  CSPNG_CORRUPT,       /* a wrong checksum, or data that contradicts itself */
  CSPNG_OUT_OF_MEMORY, /* memory ran out, or a chunk is larger than max_chunk */
} cspng_status;

typedef struct {
  const uint8_t *data;
  size_t size;
  uint32_t width, height; /* the size that the caller found in the header; another one is corrupt */
  uint32_t crop_x, crop_y, crop_width, crop_height; /* inside the image */
  uint8_t *out;           /* crop_height rows of crop_width * 3 bytes of RGB, without padding */
  size_t max_chunk;       /* bytes, limit of every chunk but the pixels' own, compressed or expanded */
} cspng_decode_request;

/* Decodes the whole image and keeps the crop. 16-bit samples keep their high byte, grey and palette images become RGB,
 * alpha and transparent colours are dropped. A wrong checksum is an error. On failure `message` points to a static
 * string, and the output's contents are undefined. */
__attribute__((warn_unused_result)) cspng_status cspng_decode(
    const cspng_decode_request *request, const char **message);

typedef struct {
  const uint8_t *pixels; /* height rows of width * channels bytes, without padding */
  uint32_t width, height;
  uint32_t channels;     /* 3: RGB, 1: grey */
  int compression_level; /* zlib's, 0 to 9 */
} cspng_encode_request;

/* Encodes to a new buffer, which the caller frees with cspng_free. */
__attribute__((warn_unused_result)) cspng_status cspng_encode(
    const cspng_encode_request *request, uint8_t **out, size_t *out_size, const char **message);

void cspng_free(uint8_t *buffer);

/* The library's version, a static string. */
const char *cspng_version(void);

#ifdef __cplusplus
}
#endif
