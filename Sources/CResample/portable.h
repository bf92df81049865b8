/* What all implementations share. */
#pragma once
#include "cresample.h"

/* Sums wrap around in unsigned arithmetic: a partial sum may leave the range, the whole one never does. */
static inline uint8_t cresample_rounded(uint32_t sum) {
  int32_t value = (int32_t)(sum + (1u << (CRESAMPLE_PRECISION_BITS - 1))) >> CRESAMPLE_PRECISION_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* One output pixel of one row. */
static inline void cresample_pixel(
    const cresample_columns *columns, size_t index, const uint8_t *row, uint8_t *out) {
  const uint8_t *pixel = row + (size_t)(columns->starts[index] - columns->origin) * 3;
  const int32_t *weights = columns->weights + index * columns->stride;
  uint32_t red = 0, green = 0, blue = 0;
  for (int32_t tap = 0; tap < columns->counts[index]; tap++, pixel += 3) {
    uint32_t weight = (uint32_t)weights[tap];
    red += pixel[0] * weight;
    green += pixel[1] * weight;
    blue += pixel[2] * weight;
  }
  out[0] = cresample_rounded(red);
  out[1] = cresample_rounded(green);
  out[2] = cresample_rounded(blue);
}

/* One sample of one row of a vertical sum. */
static inline uint8_t cresample_sample(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride) {
  uint32_t sum = 0;
  for (size_t tap = 0; tap < count; tap++) sum += rows[tap * row_stride] * (uint32_t)weights[tap];
  return cresample_rounded(sum);
}

#if defined(__x86_64__)
int cresample_has_avx2(void);
void cresample_horizontal_avx2(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out);
void cresample_vertical_avx2(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out);
#endif
