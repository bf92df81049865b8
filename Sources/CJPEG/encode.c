#include <stdlib.h>
#include <string.h>

#include "errors.h"

/* Lives outside of the frame that calls setjmp, so that its fields keep their values across the jump. */
typedef struct {
  struct jpeg_compress_struct info;
  cjpeg_error_manager errors;
  unsigned char *buffer;
  unsigned long size;
} encoder;

static void encode_image(encoder *state, const cjpeg_encode_request *request) {
  j_compress_ptr info = &state->info;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, &state->buffer, &state->size);
  info->image_width = request->width;
  info->image_height = request->height;
  info->input_components = (int)request->channels;
  info->in_color_space = request->channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, request->quality, TRUE);
  info->dct_method = JDCT_ISLOW;
  if (request->channels == 3) {
    info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = request->subsample ? 2 : 1;
  }
  jpeg_start_compress(info, TRUE);
  size_t stride = (size_t)request->width * request->channels;
  while (info->next_scanline < info->image_height) {
    JSAMPROW row = (JSAMPROW)(request->pixels + info->next_scanline * stride);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
}

cjpeg_status cjpeg_encode(
    const cjpeg_encode_request *request, uint8_t **out, size_t *out_size, char message[CJPEG_MESSAGE_SIZE]) {
  encoder *state = calloc(1, sizeof *state);
  if (!state) return CJPEG_OUT_OF_MEMORY;
  state->info.err = cjpeg_prepare_errors(&state->errors, message);
  if (setjmp(state->errors.escape)) {
    cjpeg_status status = state->errors.status;
    jpeg_destroy_compress(&state->info);
    free(state->buffer);
    free(state);
    return status;
  }
  encode_image(state, request);
  *out = state->buffer;
  *out_size = state->size;
  jpeg_destroy_compress(&state->info);
  free(state);
  return CJPEG_OK;
}

void cjpeg_free(uint8_t *buffer) { free(buffer); }

int cjpeg_library_version(void) { return JPEG_LIB_VERSION; }

int cjpeg_turbo_version(void) {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  return LIBJPEG_TURBO_VERSION_NUMBER;
#else
  return 0;
#endif
}
