#include "portable.h"

void cresample_horizontal_portable(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out) {
  (void)end;
  for (size_t y = 0; y < num_rows; y++, rows += row_stride) {
    for (size_t x = 0; x < columns->num_outputs; x++, out += 3) cresample_pixel(columns, x, rows, out);
  }
}

void cresample_vertical_portable(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out) {
  /* In blocks that stay in registers, tap by tap, which compilers turn into vector code. */
  enum { BLOCK = 64 };
  size_t x = 0;
  for (; x + BLOCK <= num_bytes; x += BLOCK) {
    uint32_t sums[BLOCK] = {0};
    for (size_t tap = 0; tap < count; tap++) {
      const uint8_t *samples = rows + tap * row_stride + x;
      uint32_t weight = (uint32_t)weights[tap];
      for (size_t i = 0; i < BLOCK; i++) sums[i] += samples[i] * weight;
    }
    for (size_t i = 0; i < BLOCK; i++) out[x + i] = cresample_rounded(sums[i]);
  }
  for (; x < num_bytes; x++) out[x] = cresample_sample(weights, count, rows + x, row_stride);
}

void cresample_horizontal(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out) {
#if defined(__x86_64__)
  if (cresample_has_avx2()) {
    cresample_horizontal_avx2(columns, rows, row_stride, num_rows, end, out);
    return;
  }
#endif
  cresample_horizontal_portable(columns, rows, row_stride, num_rows, end, out);
}

void cresample_vertical(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out) {
#if defined(__x86_64__)
  if (cresample_has_avx2()) {
    cresample_vertical_avx2(weights, count, rows, row_stride, num_bytes, out);
    return;
  }
#endif
  cresample_vertical_portable(weights, count, rows, row_stride, num_bytes, out);
}

const char *cresample_implementation(void) {
#if defined(__x86_64__)
  if (cresample_has_avx2()) return "avx2";
#endif
  return "portable";
}
