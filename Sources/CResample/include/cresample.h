/* The inner loops of a resize of interleaved 8-bit RGB: weighted sums in 32-bit integers, the weights being multiples of
 * 2^-22, rounded and clamped to 8 bits (Pillow's arithmetic, so that every implementation gives the same bits). On
 * x86-64 with AVX2 they are written out for it, chosen at run time; elsewhere the portable loops are used. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CRESAMPLE_PRECISION_BITS = 22 };

/* The columns of a resize: output i is the sum of `counts[i]` source pixels from `starts[i]` on, times the weights from
 * `weights + i * stride` on. `stride` is a multiple of 4, and the weights beyond a count are zero. */
typedef struct {
  const int32_t *starts;
  const int32_t *counts;
  const int32_t *weights;
  size_t stride;
  size_t num_outputs;
  int32_t origin; /* the index of the first pixel of each row in memory */
} cresample_columns;

/* `num_rows` rows of pixels, `row_stride` bytes apart, to as many rows of `num_outputs` pixels without padding. Nothing
 * is read at `end` or behind it. */
void cresample_horizontal(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out);

/* The sum of `count` rows of `num_bytes` samples, `row_stride` bytes apart, times their weights, to one row. */
void cresample_vertical(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out);

/* The portable loops, whatever the processor; for tests. */
void cresample_horizontal_portable(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out);
void cresample_vertical_portable(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out);

/* The implementation in use: "avx2" or "portable". */
const char *cresample_implementation(void);

#ifdef __cplusplus
}
#endif
