#include <limits.h>
#include <string.h>

#include "errors.h"

typedef struct {
  struct jpeg_progress_mgr base;
  int max_scans;
} scan_guard;

/* A file of a few kilobytes can ask for thousands of passes over a large image. */
static void count_scans(j_common_ptr info) {
  scan_guard *guard = (scan_guard *)info->progress;
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > guard->max_scans) {
    cjpeg_fail(info, CJPEG_CORRUPT, "too many scans");
  }
}

static inline uint8_t scaled_product(unsigned a, unsigned b) {
  unsigned t = a * b + 128;
  return (uint8_t)(((t >> 8) + t) >> 8);
}

/* From CMYK as Adobe stores it (255: no ink) to RGB: the ink that is there darkens what black leaves. */
static void cmyk_to_rgb(const uint8_t *from, uint8_t *to, size_t count) {
  for (size_t i = 0; i < count; i++, from += 4, to += 3) {
    unsigned light = from[3];
    for (int c = 0; c < 3; c++) to[c] = (uint8_t)(light - scaled_product(255u - from[c], light));
  }
}

static void decode_crop(struct jpeg_decompress_struct *info, const cjpeg_decode_request *request) {
  jpeg_mem_src(info, request->data, (unsigned long)request->size);
  jpeg_read_header(info, TRUE);
  if (info->image_width != request->width || info->image_height != request->height) {
    cjpeg_fail((j_common_ptr)info, CJPEG_CORRUPT, "the frame's size is not the header's");
  }
  int is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
  info->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  info->scale_num = request->scale;
  info->scale_denom = 8;
  jpeg_start_decompress(info);

  JDIMENSION x = request->crop_x, y = request->crop_y, width = request->crop_width, height = request->crop_height;
  if (width == 0 || height == 0 || x > info->output_width || width > info->output_width - x ||
      y > info->output_height || height > info->output_height - y) {
    cjpeg_fail((j_common_ptr)info, CJPEG_CORRUPT, "the crop is outside of the image");
  }
  /* Upsampling looks at the neighbours of a chroma sample, so that a border of one MCU is decoded around the crop. */
  JDIMENSION mcu_width = (JDIMENSION)info->max_h_samp_factor * request->scale;
  JDIMENSION mcu_height = (JDIMENSION)info->max_v_samp_factor * request->scale;
  JDIMENSION left = 0;
  if (width < info->output_width) {
    left = x > mcu_width ? x - mcu_width : 0;
    JDIMENSION room = info->output_width - x - width;
    JDIMENSION right = x + width + (room < mcu_width ? room : mcu_width);
    JDIMENSION columns = right - left;
    if (columns < info->output_width) jpeg_crop_scanline(info, &left, &columns);
    if (left > x || left + info->output_width < x + width) {
      cjpeg_fail((j_common_ptr)info, CJPEG_CORRUPT, "the library cut another crop than it was asked for");
    }
  }
  JDIMENSION skipped = y / mcu_height > 1 ? (y / mcu_height - 1) * mcu_height : 0;
  if (skipped > 0 && jpeg_skip_scanlines(info, skipped) != skipped) {
    cjpeg_fail((j_common_ptr)info, CJPEG_TRUNCATED, "the rows end too early");
  }

  int components = info->output_components;
  if (components != (is_cmyk ? 4 : 3)) cjpeg_fail((j_common_ptr)info, CJPEG_UNSUPPORTED, "unexpected components");
  enum { BATCH = 8 };
  size_t row_bytes = (size_t)info->output_width * (size_t)components;
  JSAMPARRAY rows =
      (*info->mem->alloc_sarray)((j_common_ptr)info, JPOOL_IMAGE, (JDIMENSION)row_bytes, (JDIMENSION)BATCH);
  JDIMENSION offset = x - left, written = 0;
  while (written < height) {
    JDIMENSION first = info->output_scanline;
    JDIMENSION count = jpeg_read_scanlines(info, rows, BATCH);
    if (count == 0) cjpeg_fail((j_common_ptr)info, CJPEG_TRUNCATED, "the rows end too early");
    for (JDIMENSION r = 0; r < count && written < height; r++) {
      if (first + r < y) continue;
      const uint8_t *from = rows[r] + (size_t)offset * (size_t)components;
      uint8_t *to = request->out + (size_t)written * width * 3;
      if (is_cmyk) {
        cmyk_to_rgb(from, to, width);
      } else {
        memcpy(to, from, (size_t)width * 3);
      }
      written++;
    }
  }
}

cjpeg_status cjpeg_decode(const cjpeg_decode_request *request, char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct info;
  cjpeg_error_manager errors;
  scan_guard guard = {.base = {.progress_monitor = count_scans}, .max_scans = (int)request->max_scans};
  memset(&info, 0, sizeof info);
  info.err = cjpeg_prepare_errors(&errors, message);
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&info);
    return errors.status;
  }
  jpeg_create_decompress(&info);
  info.progress = &guard.base;
  info.mem->max_memory_to_use = request->max_memory > LONG_MAX ? LONG_MAX : (long)request->max_memory;
  decode_crop(&info, request);
  jpeg_destroy_decompress(&info);
  return CJPEG_OK;
}
