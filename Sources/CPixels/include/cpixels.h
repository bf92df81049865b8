/* The inner loops of operations on interleaved 8-bit RGB that the compiler of the package's own language does not turn
 * into good code: mixing two images, reading an image between its pixels, turning hues. All arithmetic is that of Pillow, in
 * its precision and order, without fused operations, so that every implementation gives the same bits. On x86-64 the same
 * source is also compiled for AVX2, chosen at run time. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An image, and where each pixel of an output shows it: the point (a x + b y + c, d x + e y + f), in pixels from the
 * upper left corner, divided by g x + h y + 1. `fill` is the colour of what lies outside. */
typedef struct {
  const uint8_t *samples;
  int32_t width;
  int32_t height;
  double a, b, c, d, e, f, g, h;
  uint8_t fill[3];
} cpixels_view;

/* `width` x `height` pixels of the view, from the four or the sixteen pixels around each point, to `out`. Beyond the
 * border its pixels go on. */
void cpixels_bilinear(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);
void cpixels_bicubic(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);

/* a + factor * (b - a) in float32, cut to 0...255 and rounded towards zero, for `count` samples. The factor is finite. */
void cpixels_blend(const uint8_t *a, const uint8_t *b, float factor, size_t count, uint8_t *out);

/* The hues of `num_pixels` colours moved by `shift` 256ths of the circle, in 8-bit hue, saturation and value. */
void cpixels_turn_hues(const uint8_t *samples, uint8_t shift, size_t num_pixels, uint8_t *out);

/* The loops that any processor can run, whatever this one can; for tests. */
void cpixels_bilinear_portable(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);
void cpixels_bicubic_portable(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);
void cpixels_blend_portable(const uint8_t *a, const uint8_t *b, float factor, size_t count, uint8_t *out);
void cpixels_turn_hues_portable(const uint8_t *samples, uint8_t shift, size_t num_pixels, uint8_t *out);

/* The loops in use: "avx2" or "portable". */
const char *cpixels_implementation(void);

#ifdef __cplusplus
}
#endif
