/* WebP through libwebp. No function keeps a pointer it was given. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CWEBP_OK = 0,
  CWEBP_TRUNCATED,     /* the data ends too early */
  CWEBP_CORRUPT,       /* the data contradicts itself */
  CWEBP_UNSUPPORTED,   /* an animation */
  CWEBP_OUT_OF_MEMORY, /* memory ran out */
} cwebp_status;

/* The size of an image from its first bytes (30 are enough for a plain file). */
__attribute__((warn_unused_result)) cwebp_status cwebp_size(
    const uint8_t *data, size_t size, uint32_t *width, uint32_t *height);

typedef struct {
  const uint8_t *data;
  size_t size;
  uint32_t width, height; /* the size that the caller found in the header; another one is corrupt */
  uint32_t crop_x, crop_y, crop_width, crop_height; /* inside the image; x and y even */
  uint8_t *out;           /* crop_height rows of crop_width * 3 bytes of RGB, without padding */
} cwebp_decode_request;

/* Decodes the crop; alpha is dropped. The chroma of a crop's outermost pixels is interpolated without what lies
 * outside. On failure the output's contents are undefined. */
__attribute__((warn_unused_result)) cwebp_status cwebp_decode(const cwebp_decode_request *request);

/* The library's version: 0x010204 is 1.2.4. */
int cwebp_version(void);

#ifdef __cplusplus
}
#endif
