// Weighted sums of 8-bit samples in 32-bit integers, as ResamplingPass has them.
#if defined(__x86_64__)

#include "finish_avx512.h"

enum { fraction_bits = 22 };

KESS_AVX512 KESS_INLINE __m128i rounded_samples(__m512i sums) {
  sums = _mm512_max_epi32(_mm512_srai_epi32(sums, fraction_bits), _mm512_setzero_si512());
  return _mm512_cvtusepi32_epi8(sums);
}

KESS_AVX512 void kess_resample_rows(
    const uint8_t *pixels, long stride, long rows, int ends, const int32_t *offsets,
    const int32_t *weights, long taps, long columns, uint8_t *output) {
  const __m512i half = _mm512_set1_epi32(1 << (fraction_bits - 1));
  // Red, green, blue and a fourth byte that has no weight, of four pixels: without the fourths.
  const __m128i pixels_of_lanes = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  for (long r = 0; r < rows; r++) {
    // A pixel is read with the byte after it, in the picture's last row with the one before it.
    const int is_last = ends && r + 1 == rows;
    const uint8_t *row = pixels + r * stride - is_last;
    const __m128i shift = _mm_cvtsi32_si128(is_last ? 8 : 0);
    uint8_t *out = output + r * columns * 3;
    for (long c = 0; c < columns; c += 4) {
      __m128i places = _mm_loadu_si128((const __m128i *)(offsets + c));
      const int32_t *w = weights + c * 4 * taps;
      __m512i sums = half;
      for (long t = 0; t < taps; t++) {
        __m128i four = _mm_srl_epi32(_mm_i32gather_epi32((const int *)row, places, 1), shift);
        sums = _mm512_add_epi32(
            sums, _mm512_mullo_epi32(_mm512_cvtepu8_epi32(four), _mm512_loadu_si512(w + t * 16)));
        places = _mm_add_epi32(places, _mm_set1_epi32(3));
      }
      const long count = columns - c < 4 ? columns - c : 4;
      _mm_mask_storeu_epi8(
          out + c * 3, (__mmask16)((1u << count * 3) - 1u),
          _mm_shuffle_epi8(rounded_samples(sums), pixels_of_lanes));
    }
  }
}

KESS_AVX512 void kess_resample_columns(
    const uint8_t *samples, long stride, const int32_t *weights, long taps, long count,
    uint8_t *output) {
  const __m512i half = _mm512_set1_epi32(1 << (fraction_bits - 1));
  for (long c = 0; c < count; c += 16) {
    const __mmask16 lanes = kess_lanes(count - c);
    __m512i sums = half;
    for (long t = 0; t < taps; t++) {
      __m512i x = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lanes, samples + t * stride + c));
      sums = _mm512_add_epi32(sums, _mm512_mullo_epi32(x, _mm512_set1_epi32(weights[t])));
    }
    _mm_mask_storeu_epi8(output + c, lanes, rounded_samples(sums));
  }
}

#endif
