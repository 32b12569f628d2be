// Attention of one head over one sequence in half precision: twice the products a
// second of attention_avx512.c. Exponentials and their sums stay in single precision.
#if defined(__x86_64__)

#include "half_tiles.h"

// Values as a panel's columns: words of two neighbours in the sequence.
KESS_TARGET static void pack_values(
    const float *values, long length, long stride, long width, uint32_t *panels) {
  const long words = (length + 1) / 2;
  for (long c = 0; c < width; c += KESS_PANEL) {
    const __mmask16 far = width - c > 16 ? 0xffff : 0;
    for (long k = 0; k < words; k++) {
      __m512i rows[2];
      for (int i = 0; i < 2; i++) {
        const float *row = values + (2 * k + i) * stride + c;
        const __mmask16 lanes = 2 * k + i < length ? 0xffff : 0;
        rows[i] = halves(
            _mm512_maskz_loadu_ps(lanes, row), _mm512_maskz_loadu_ps(lanes & far, row + 16));
      }
      __m512i left, right;
      exchange_halves(rows[0], rows[1], &left, &right);
      uint32_t *out = panels + c * words + k * KESS_PANEL;
      _mm512_storeu_si512(out, left);
      _mm512_storeu_si512(out + 16, right);
    }
  }
}

// A likeness beyond half precision makes its row not a number, as a positive infinity does by
// itself: a negative one would take a key away in silence.
KESS_TARGET KESS_INLINE __m512 without_infinity(__m512 likeness) {
  enum { negative_infinity = 0x10 };
  return _mm512_mask_mov_ps(
      likeness, _mm512_fpclass_ps_mask(likeness, negative_infinity),
      _mm512_set1_ps(__builtin_nanf("")));
}

long kess_attend_f16_scratch(long length, long width) {
  const long columns = (length + KESS_PANEL - 1) / KESS_PANEL * KESS_PANEL;
  return kess_panel_words(width / 2, length) + kess_panel_words((length + 1) / 2, width)
      + length * width / 2 + KESS_TILE_ROWS * (columns + (length + 1) / 2);
}

KESS_TARGET void kess_attend_f16(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride) {
  const long words = width / 2, pairs = (length + 1) / 2;
  const long columns = (length + KESS_PANEL - 1) / KESS_PANEL * KESS_PANEL;
  uint32_t *key_panels = (uint32_t *)scratch;
  uint32_t *value_panels = key_panels + kess_panel_words(words, length);
  float *scores = (float *)(value_panels + kess_panel_words(pairs, width));
  uint32_t *tiles = (uint32_t *)(scores + KESS_TILE_ROWS * columns);
  uint32_t *shares = tiles + length * words;
  _Alignas(64) float sums[KESS_TILE_ROWS * KESS_PANEL];

  const struct source key_rows = {.input = keys, .factor = 1, .inputs = width, .stride = stride};
  // Scaled before they are rounded: halves end at 65,504.
  const struct source query_rows = {
      .input = queries, .factor = scale, .inputs = width, .stride = stride};
  pack_halves(&key_rows, key_panels, length);
  pack_values(values, length, stride, width, value_panels);
  fill_tiles(&query_rows, tiles, length);
  for (long t = 0; t < kess_tile_count(length); t++) {
    const long row = kess_tile_start(t, length);
    const int height = (int)(kess_tile_start(t + 1, length) - row);
    const long seen = is_causal ? row + height : length;
    for (long first = 0; first < seen; first += KESS_PANEL) {
      any_tile(height, tiles + row * words, key_panels + first * words, words, sums, 0);
      for (int i = 0; i < height; i++) {
        __m512 low, high;
        load_sums(sums + i * KESS_PANEL, &low, &high);
        _mm512_storeu_ps(scores + i * columns + first, without_infinity(low));
        _mm512_storeu_ps(scores + i * columns + first + 16, without_infinity(high));
      }
    }
    for (int i = 0; i < height; i++) {
      const long count = is_causal ? row + i + 1 : length;
      kess_softmax_rows(scores + i * columns, 1, count, columns, 1, 0);
      for (long c = count; c < seen; c++) scores[i * columns + c] = 0;
    }
    const struct source share_rows = {
        .input = scores, .factor = 1, .inputs = seen, .stride = columns};
    fill_tile(&share_rows, 0, height, shares);
    for (long c = 0; c < width; c += KESS_PANEL) {
      any_tile(height, shares, value_panels + c * pairs, source_words(&share_rows), sums, 0);
      for (int i = 0; i < height; i++) {
        float *out = output + (row + i) * output_stride + c;
        __m512 low, high;
        load_sums(sums + i * KESS_PANEL, &low, &high);
        _mm512_storeu_ps(out, low);
        if (width - c > 16) _mm512_storeu_ps(out + 16, high);
      }
    }
  }
}

#endif
