// A linear layer in 8 bits that finishes its sums while they are near.
// oneDNN 2.6 reaches half of what AVX-512 VNNI can do here, and knows no scale a row.
#if defined(__x86_64__)

#include <string.h>

#include "tiles_avx512.h"

#define KESS_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define KESS_PER_WORD 4
#define KESS_SCALES 1

// `rows` is a constant wherever this is inlined, so that sums stay in registers.
KESS_TARGET KESS_INLINE void tile(
    int rows, const uint32_t *words, const uint32_t *panel, long count, float *sums, int adds) {
  __m512i left[KESS_TILE_ROWS], right[KESS_TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    left[r] = adds ? _mm512_load_si512(sums + r * KESS_PANEL) : _mm512_setzero_si512();
    right[r] = adds ? _mm512_load_si512(sums + r * KESS_PANEL + 16) : _mm512_setzero_si512();
  }
  for (long k = 0; k < count; k++) {
    __m512i b0 = _mm512_loadu_si512(panel + k * KESS_PANEL);
    __m512i b1 = _mm512_loadu_si512(panel + k * KESS_PANEL + 16);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      __m512i a = _mm512_set1_epi32((int)words[k * rows + r]);
      left[r] = _mm512_dpbusd_epi32(left[r], a, b0);
      right[r] = _mm512_dpbusd_epi32(right[r], a, b1);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    _mm512_store_si512(sums + r * KESS_PANEL, left[r]);
    _mm512_store_si512(sums + r * KESS_PANEL + 16, right[r]);
  }
}

KESS_TARGET KESS_INLINE void load_sums(const float *sums, __m512 *low, __m512 *high) {
  *low = _mm512_cvtepi32_ps(_mm512_load_si512(sums));
  *high = _mm512_cvtepi32_ps(_mm512_load_si512(sums + 16));
}

#include "panel_loops.h"

KESS_TARGET KESS_INLINE __m512i load_words(const struct source *source, long row, long first) {
  const float *x = source->input + row * source->stride + 4 * first;
  const long left = source->inputs - 4 * first;
  const __m512 inverse = _mm512_set1_ps(1.0f / source->scale[row]);
  const __m512 zero = _mm512_set1_ps(source->zero[row]);
  __m512i words = _mm512_setzero_si512();
#define KESS_QUARTER(n)                                                               \
  if (16 * n < left) {                                                                \
    __m128i quarter = kess_quantize(x + 16 * n, left - 16 * n, inverse, zero);        \
    words = _mm512_inserti32x4(words, quarter, n);                                    \
  }
  KESS_QUARTER(0)
  KESS_QUARTER(1)
  KESS_QUARTER(2)
  KESS_QUARTER(3)
#undef KESS_QUARTER
  return words;
}

KESS_TARGET void kess_int8_tiles(
    const float *input, uint32_t *tiles, float *scale, float *zero, long rows, long inputs) {
  for (long r = 0; r < rows; r++) {
    kess_row_range(input + r * inputs, inputs, scale + r, zero + r);
  }
  struct source source = {
      .input = input, .inputs = inputs, .stride = inputs, .scale = scale, .zero = zero};
  fill_tiles(&source, tiles, rows);
}

KESS_TARGET void kess_int8_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  struct target target = {.rows = output, .stride = outputs};
  panel_blocks(tiles, panels, &target, rows, words, outputs, finish);
}

void kess_int8_pack(const int8_t *numbers, uint32_t *panels, long inputs, long outputs) {
  const long words = (inputs + 3) / 4;
  memset(panels, 0, kess_panel_words(words, outputs) * sizeof *panels);
  for (long c = 0; c < outputs; c++) {
    uint32_t *column = panels + (c - c % KESS_PANEL) * words + c % KESS_PANEL;
    for (long k = 0; k < words; k++) {
      long count = inputs - 4 * k < 4 ? inputs - 4 * k : 4;
      memcpy(column + k * KESS_PANEL, numbers + c * inputs + 4 * k, count);
    }
  }
}

#endif
