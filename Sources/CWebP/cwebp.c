#include "cwebp.h"

#include <webp/decode.h>

static cwebp_status status_of(VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OK:
      return CWEBP_OK;
    case VP8_STATUS_OUT_OF_MEMORY:
      return CWEBP_OUT_OF_MEMORY;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return CWEBP_UNSUPPORTED;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return CWEBP_TRUNCATED;
    default:
      return CWEBP_CORRUPT;
  }
}

cwebp_status cwebp_size(const uint8_t *data, size_t size, uint32_t *width, uint32_t *height) {
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(data, size, &features);
  if (code != VP8_STATUS_OK) return status_of(code);
  if (features.width <= 0 || features.height <= 0) return CWEBP_CORRUPT;
  *width = (uint32_t)features.width;
  *height = (uint32_t)features.height;
  return features.has_animation ? CWEBP_UNSUPPORTED : CWEBP_OK;
}

cwebp_status cwebp_decode(const cwebp_decode_request *request) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return CWEBP_UNSUPPORTED;
  VP8StatusCode code = WebPGetFeatures(request->data, request->size, &config.input);
  if (code != VP8_STATUS_OK) return status_of(code);
  if ((uint32_t)config.input.width != request->width || (uint32_t)config.input.height != request->height) {
    return CWEBP_CORRUPT;
  }
  if (request->crop_width != request->width || request->crop_height != request->height) {
    config.options.use_cropping = 1;
    config.options.crop_left = (int)request->crop_x;
    config.options.crop_top = (int)request->crop_y;
    config.options.crop_width = (int)request->crop_width;
    config.options.crop_height = (int)request->crop_height;
  }
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = request->out;
  config.output.u.RGBA.stride = (int)request->crop_width * 3;
  config.output.u.RGBA.size = (size_t)request->crop_width * request->crop_height * 3;
  code = WebPDecode(request->data, request->size, &config);
  WebPFreeDecBuffer(&config.output);
  return status_of(code);
}

int cwebp_version(void) { return WebPGetDecoderVersion(); }
