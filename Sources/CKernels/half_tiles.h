// Tiles in half precision, which oneDNN 2.6 does not have. On Intel CPUs with AVX-512 FP16
// and no AMX they run at twice the rate of single precision, where their bfloat16 instruction
// runs at half of it.
#ifndef KESS_HALF_TILES_H
#define KESS_HALF_TILES_H

#include "tiles_avx512.h"

#define KESS_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512fp16")))
#define KESS_PER_WORD 2
#define KESS_SCALES 0

enum {
  // Words whose products are added up in a register; the sums of such runs are added up in
  // half precision too. Rounding errors grow with the length of a run: runs of 96 are 2%
  // faster, and the mean error of a ViT-B/16 is a quarter above that with 48.
  run = 48,
};

// `rows` is a constant wherever this is inlined, so that sums stay in registers. A row's sums
// are 64 halves: from the first and the second half of each word, columns in pairs.
KESS_TARGET KESS_INLINE void tile(
    int rows, const uint32_t *words, const uint32_t *panel, long count, float *sums, int adds) {
  for (long start = 0; start < count; start += run) {
    long end = start + run < count ? start + run : count;
    __m512h left[KESS_TILE_ROWS], right[KESS_TILE_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) left[r] = right[r] = _mm512_setzero_ph();
    for (long k = start; k < end; k++) {
      __m512h b0 = _mm512_loadu_ph(panel + k * KESS_PANEL);
      __m512h b1 = _mm512_loadu_ph(panel + k * KESS_PANEL + 16);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        __m512h a = _mm512_castsi512_ph(_mm512_set1_epi32((int)words[k * rows + r]));
        left[r] = _mm512_fmadd_ph(a, b0, left[r]);
        right[r] = _mm512_fmadd_ph(a, b1, right[r]);
      }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float *own = sums + r * KESS_PANEL;
      if (adds || start > 0) {
        left[r] = _mm512_add_ph(_mm512_load_ph(own), left[r]);
        right[r] = _mm512_add_ph(_mm512_load_ph(own + 16), right[r]);
      }
      _mm512_store_ph(own, left[r]);
      _mm512_store_ph(own + 16, right[r]);
    }
  }
}

// Neighbouring columns lie in the same word of both vectors of a panel, so that their sums
// become neighbours: odd halves of one go where even halves of the other are.
KESS_TARGET KESS_INLINE void exchange_halves(
    __m512i left, __m512i right, __m512i *first, __m512i *second) {
  const __mmask32 odd = 0xaaaaaaaa;
  *first = _mm512_mask_blend_epi16(odd, left, _mm512_slli_epi32(right, 16));
  *second = _mm512_mask_blend_epi16(odd, _mm512_srli_epi32(left, 16), right);
}

// Adds the two halves of each column.
KESS_TARGET KESS_INLINE void load_sums(const float *sums, __m512 *low, __m512 *high) {
  __m512i first, second;
  exchange_halves(_mm512_load_si512(sums), _mm512_load_si512(sums + 16), &first, &second);
  __m512i both = _mm512_castph_si512(
      _mm512_add_ph(_mm512_castsi512_ph(first), _mm512_castsi512_ph(second)));
  *low = _mm512_cvtph_ps(_mm512_castsi512_si256(both));
  *high = _mm512_cvtph_ps(_mm512_extracti64x4_epi64(both, 1));
}

KESS_TARGET KESS_INLINE __m512i halves(__m512 low, __m512 high) {
  return _mm512_inserti64x4(
      _mm512_castsi256_si512(_mm512_cvtps_ph(low, _MM_FROUND_TO_NEAREST_INT)),
      _mm512_cvtps_ph(high, _MM_FROUND_TO_NEAREST_INT), 1);
}

#define KESS_OUTPUT_WORDS halves
#include "panel_loops.h"

KESS_TARGET KESS_INLINE __m512i load_words(const struct source *source, long row, long first) {
  const float *x = source->input + row * source->stride + 2 * first;
  const long left = source->inputs - 2 * first;
  const __m512 factor = _mm512_set1_ps(source->factor);
  const __mmask16 far = kess_lanes(left > 16 ? left - 16 : 0);
  return halves(
      _mm512_mul_ps(_mm512_maskz_loadu_ps(kess_lanes(left), x), factor),
      _mm512_mul_ps(_mm512_maskz_loadu_ps(far, x + 16), factor));
}

KESS_TARGET KESS_INLINE void pack_halves(
    const struct source *weight, uint32_t *panels, long outputs) {
  const long words = source_words(weight);
  for (long first = 0; first < outputs; first += KESS_PANEL) {
    for (long word = 0; word < words; word += 16) {
      for (int side = 0; side < 2; side++) {
        __m512i loaded[16];
        load_block(weight, first + side, 2, (outputs - first - side + 1) / 2, word, loaded);
        kess_store_words(
            loaded, 16, words - word, panels + first * words + word * KESS_PANEL + side * 16,
            KESS_PANEL);
      }
    }
  }
}

#endif
