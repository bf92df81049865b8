/* Sixteen bits times sixteen bits, summed in pairs, is what the processor multiplies fastest. A weight w of 23 bits and
 * a sign is split into w = high * 2^15 + low with 0 <= low < 2^15, so that high and low fit; the two sums are put
 * together at the end, modulo 2^32, which is exact because the whole sum fits into 32 bits. */
#include "portable.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

int cresample_has_avx2(void) { return __builtin_cpu_supports("avx2"); }

/* Sums of low and high products to rounded 32-bit values, not yet clamped. */
AVX2 static inline __m256i joined(__m256i low, __m256i high) { return _mm256_add_epi32(_mm256_slli_epi32(high, 15), low); }

/* Four rows at once, so that unpacking the weights costs little. Lanes: the lower half of a register takes taps 0 and 1
 * of a group of four, the upper half taps 2 and 3; in a half the pairs red, green, blue, nothing. */
AVX2 static void four_rows(
    const cresample_columns *columns, const uint8_t *const rows[4], uint8_t *const out[4], const uint8_t *end) {
  const __m256i pick_pixels = _mm256_setr_epi8(
      0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,
      6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m256i pick_low = _mm256_setr_epi8(
      0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
  const __m256i pick_high = _mm256_add_epi8(pick_low, _mm256_set1_epi8(8));
  const __m128i low_bits = _mm_set1_epi32(0x7FFF);
  const __m128i half = _mm_set1_epi32(1 << (CRESAMPLE_PRECISION_BITS - 1));
  for (size_t x = 0; x < columns->num_outputs; x++) {
    size_t offset = (size_t)(columns->starts[x] - columns->origin) * 3;
    size_t groups = ((size_t)columns->counts[x] + 3) / 4;
    /* A group takes 12 bytes and reads 16. The rows ascend, so that the last one comes nearest to the end. */
    if (offset + groups * 12 + 4 > (size_t)(end - rows[3])) {
      for (int r = 0; r < 4; r++) cresample_pixel(columns, x, rows[r], out[r] + x * 3);
      continue;
    }
    const int32_t *weights = columns->weights + x * columns->stride;
    __m256i low[4], high[4];
    for (int r = 0; r < 4; r++) low[r] = high[r] = _mm256_setzero_si256();
    for (size_t g = 0; g < groups; g++) {
      __m128i four = _mm_loadu_si128((const __m128i *)(weights + g * 4));
      __m128i split = _mm_packs_epi32(_mm_and_si128(four, low_bits), _mm_srai_epi32(four, 15));
      __m256i both = _mm256_broadcastsi128_si256(split);
      __m256i weights_low = _mm256_shuffle_epi8(both, pick_low);
      __m256i weights_high = _mm256_shuffle_epi8(both, pick_high);
      for (int r = 0; r < 4; r++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(rows[r] + offset + g * 12));
        __m256i pixels = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pick_pixels);
        low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(pixels, weights_low));
        high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(pixels, weights_high));
      }
    }
    for (int r = 0; r < 4; r++) {
      __m256i sums = joined(low[r], high[r]);
      __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
      sum = _mm_srai_epi32(_mm_add_epi32(sum, half), CRESAMPLE_PRECISION_BITS);
      sum = _mm_packs_epi32(sum, sum);
      int32_t pixel = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
      memcpy(out[r] + x * 3, &pixel, 3);
    }
  }
}

AVX2 void cresample_horizontal_avx2(
    const cresample_columns *columns, const uint8_t *rows, size_t row_stride, size_t num_rows, const uint8_t *end,
    uint8_t *out) {
  size_t out_stride = columns->num_outputs * 3;
  for (size_t y = 0; y < num_rows; y += 4) {
    const uint8_t *from[4];
    uint8_t *to[4];
    for (size_t r = 0; r < 4; r++) {
      /* Beyond the last row it is done again. */
      size_t row = y + r < num_rows ? y + r : num_rows - 1;
      from[r] = rows + row * row_stride;
      to[r] = out + row * out_stride;
    }
    four_rows(columns, from, to, end);
  }
}

AVX2 void cresample_vertical_avx2(
    const int32_t *weights, size_t count, const uint8_t *rows, size_t row_stride, size_t num_bytes, uint8_t *out) {
  const __m256i half = _mm256_set1_epi32(1 << (CRESAMPLE_PRECISION_BITS - 1));
  size_t x = 0;
  for (; x + 16 <= num_bytes; x += 16) {
    __m256i low0 = half, low1 = half, high0 = _mm256_setzero_si256(), high1 = high0;
    for (size_t tap = 0; tap < count; tap += 2) {
      /* The partner of an odd last row is the row itself with a weight of zero. */
      int32_t first = weights[tap], second = tap + 1 < count ? weights[tap + 1] : 0;
      const uint8_t *row = rows + tap * row_stride + x;
      __m128i a = _mm_loadu_si128((const __m128i *)row);
      __m128i b = tap + 1 < count ? _mm_loadu_si128((const __m128i *)(row + row_stride)) : a;
      uint32_t pair_low = (uint32_t)(first & 0x7FFF) | (uint32_t)(second & 0x7FFF) << 16;
      uint32_t pair_high = ((uint32_t)(first >> 15) & 0xFFFF) | (uint32_t)(second >> 15) << 16;
      __m256i weights_low = _mm256_set1_epi32((int32_t)pair_low);
      __m256i weights_high = _mm256_set1_epi32((int32_t)pair_high);
      __m256i pixels0 = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
      __m256i pixels1 = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
      low0 = _mm256_add_epi32(low0, _mm256_madd_epi16(pixels0, weights_low));
      low1 = _mm256_add_epi32(low1, _mm256_madd_epi16(pixels1, weights_low));
      high0 = _mm256_add_epi32(high0, _mm256_madd_epi16(pixels0, weights_high));
      high1 = _mm256_add_epi32(high1, _mm256_madd_epi16(pixels1, weights_high));
    }
    __m256i sums0 = _mm256_srai_epi32(joined(low0, high0), CRESAMPLE_PRECISION_BITS);
    __m256i sums1 = _mm256_srai_epi32(joined(low1, high1), CRESAMPLE_PRECISION_BITS);
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(sums0, sums1), 0xD8);
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)(out + x), bytes);
  }
  for (; x < num_bytes; x++) out[x] = cresample_sample(weights, count, rows + x, row_stride);
}

#endif
