#define NAME(loop) cpixels_##loop##_portable
#include "kernels.h"

#if defined(__x86_64__)
void cpixels_bilinear_avx2(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);
void cpixels_bicubic_avx2(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out);
void cpixels_blend_avx2(const uint8_t *a, const uint8_t *b, float factor, size_t count, uint8_t *out);
void cpixels_turn_hues_avx2(const uint8_t *samples, uint8_t shift, size_t num_pixels, uint8_t *out);
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#define CHOOSE(loop, ...) HAS_AVX2 ? cpixels_##loop##_avx2(__VA_ARGS__) : cpixels_##loop##_portable(__VA_ARGS__)
#else
#define HAS_AVX2 0
#define CHOOSE(loop, ...) cpixels_##loop##_portable(__VA_ARGS__)
#endif

void cpixels_bilinear(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out) {
  CHOOSE(bilinear, view, width, height, out);
}

void cpixels_bicubic(const cpixels_view *view, int32_t width, int32_t height, uint8_t *out) {
  CHOOSE(bicubic, view, width, height, out);
}

void cpixels_blend(const uint8_t *a, const uint8_t *b, float factor, size_t count, uint8_t *out) {
  CHOOSE(blend, a, b, factor, count, out);
}

void cpixels_turn_hues(const uint8_t *samples, uint8_t shift, size_t num_pixels, uint8_t *out) {
  CHOOSE(turn_hues, samples, shift, num_pixels, out);
}

const char *cpixels_implementation(void) { return HAS_AVX2 ? "avx2" : "portable"; }
