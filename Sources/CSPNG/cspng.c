#include "cspng.h"

#include <stdlib.h>
#include <string.h>

#include <spng.h>

static cspng_status fail(int code, const char **message) {
  *message = spng_strerror(code);
  switch (code) {
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
      return CSPNG_TRUNCATED;
    case SPNG_EMEM:
    case SPNG_ECHUNK_LIMITS:
    case SPNG_EOVERFLOW:
      return CSPNG_OUT_OF_MEMORY;
    default:
      return CSPNG_CORRUPT;
  }
}

static void copy_crop(const cspng_decode_request *request, const uint8_t *row, uint32_t y) {
  if (y < request->crop_y || y - request->crop_y >= request->crop_height) return;
  memcpy(
      request->out + (size_t)(y - request->crop_y) * request->crop_width * 3, row + (size_t)request->crop_x * 3,
      (size_t)request->crop_width * 3);
}

/* Row by row, so that an image takes no memory beyond its crop. */
static int decode_rows(spng_ctx *context, const cspng_decode_request *request) {
  int code = spng_decode_image(context, NULL, 0, SPNG_FMT_RGB8, SPNG_DECODE_PROGRESSIVE);
  if (code) return code;
  size_t stride = (size_t)request->width * 3;
  uint8_t *row = malloc(stride);
  if (!row) return SPNG_EMEM;
  for (uint32_t y = 0; y < request->height; y++) {
    code = spng_decode_row(context, row, stride);
    if (code && !(code == SPNG_EOI && y + 1 == request->height)) break;
    copy_crop(request, row, y);
    code = 0;
  }
  free(row);
  return code;
}

static int decode_whole(spng_ctx *context, const cspng_decode_request *request) {
  size_t size = (size_t)request->width * request->height * 3;
  if (request->crop_width == request->width && request->crop_height == request->height) {
    return spng_decode_image(context, request->out, size, SPNG_FMT_RGB8, 0);
  }
  uint8_t *pixels = malloc(size);
  if (!pixels) return SPNG_EMEM;
  int code = spng_decode_image(context, pixels, size, SPNG_FMT_RGB8, 0);
  if (!code) {
    for (uint32_t y = 0; y < request->height; y++) copy_crop(request, pixels + (size_t)y * request->width * 3, y);
  }
  free(pixels);
  return code;
}

static int decode(spng_ctx *context, const cspng_decode_request *request) {
  struct spng_ihdr header;
  int code = spng_set_crc_action(context, SPNG_CRC_ERROR, SPNG_CRC_ERROR);
  if (!code) code = spng_set_image_limits(context, request->width, request->height);
  if (!code) code = spng_set_chunk_limits(context, request->max_chunk, request->max_chunk);
  if (!code) code = spng_set_png_buffer(context, request->data, request->size);
  if (!code) code = spng_get_ihdr(context, &header);
  if (code) return code;
  if (header.width != request->width || header.height != request->height) return SPNG_EWIDTH;
  int is_whole = request->crop_width == request->width && request->crop_height == request->height;
  if (is_whole || header.interlace_method != SPNG_INTERLACE_NONE) return decode_whole(context, request);
  return decode_rows(context, request);
}

cspng_status cspng_decode(const cspng_decode_request *request, const char **message) {
  *message = "";
  if (request->crop_width == 0 || request->crop_height == 0 || request->crop_x > request->width ||
      request->crop_width > request->width - request->crop_x || request->crop_y > request->height ||
      request->crop_height > request->height - request->crop_y) {
    *message = "the crop is outside of the image";
    return CSPNG_CORRUPT;
  }
  spng_ctx *context = spng_ctx_new(0);
  if (!context) return fail(SPNG_EMEM, message);
  int code = decode(context, request);
  spng_ctx_free(context);
  return code ? fail(code, message) : CSPNG_OK;
}

cspng_status cspng_encode(
    const cspng_encode_request *request, uint8_t **out, size_t *out_size, const char **message) {
  *message = "";
  spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
  if (!context) return fail(SPNG_EMEM, message);
  struct spng_ihdr header = {
      .width = request->width,
      .height = request->height,
      .bit_depth = 8,
      .color_type = request->channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE,
  };
  size_t size = (size_t)request->width * request->height * request->channels;
  int code = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  if (!code) code = spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, request->compression_level);
  if (!code) code = spng_set_ihdr(context, &header);
  if (!code) code = spng_encode_image(context, request->pixels, size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  if (!code) *out = spng_get_png_buffer(context, out_size, &code);
  spng_ctx_free(context);
  return code ? fail(code, message) : CSPNG_OK;
}

void cspng_free(uint8_t *buffer) { free(buffer); }

const char *cspng_version(void) { return spng_version_string(); }
