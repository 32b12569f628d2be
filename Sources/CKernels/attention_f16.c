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

// Softmax of the first `count` of a row, zeros up to `end`. A likeness beyond half precision
// makes the whole row not a number: nothing is wrong in silence.
KESS_TARGET KESS_INLINE void share_row(float *row, long count, long end) {
  enum { not_finite = 0x99 };
  __mmask16 faults = 0;
  __m512 largest = _mm512_set1_ps(-__builtin_inff());
  for (long c = 0; c < count; c += 16) {
    __mmask16 lanes = kess_lanes(count - c);
    __m512 x = _mm512_loadu_ps(row + c);
    faults |= _mm512_mask_fpclass_ps_mask(lanes, x, not_finite);
    largest = _mm512_mask_max_ps(largest, lanes, largest, x);
  }
  const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
  __m512 sums = _mm512_setzero_ps();
  for (long c = 0; c < end; c += 16) {
    __mmask16 lanes = c < count ? kess_lanes(count - c) : 0;
    __m512 e = kess_exp(_mm512_sub_ps(_mm512_loadu_ps(row + c), top));
    e = _mm512_maskz_mov_ps(lanes, e);
    sums = _mm512_add_ps(sums, e);
    _mm512_storeu_ps(row + c, e);
  }
  const float total = _mm512_reduce_add_ps(sums);
  const __m512 part = _mm512_set1_ps(faults ? __builtin_nanf("") : 1.0f / total);
  for (long c = 0; c < end; c += 16) {
    _mm512_storeu_ps(row + c, _mm512_mul_ps(_mm512_loadu_ps(row + c), part));
  }
}

long kess_attend_f16_scratch(long length, long width) {
  const long columns = (length + KESS_PANEL - 1) / KESS_PANEL * KESS_PANEL;
  return kess_panel_words(width / 2, length) + kess_panel_words((length + 1) / 2, width)
      + length * width / 2 + KESS_TILE_ROWS * (columns + (length + 1) / 2);
}

KESS_TARGET void kess_attend_f16(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, uint32_t *scratch, float *output,
    long output_stride) {
  const long words = width / 2, pairs = (length + 1) / 2;
  const long columns = (length + KESS_PANEL - 1) / KESS_PANEL * KESS_PANEL;
  uint32_t *key_panels = scratch;
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
        _mm512_storeu_ps(scores + i * columns + first, low);
        _mm512_storeu_ps(scores + i * columns + first + 16, high);
      }
    }
    for (int i = 0; i < height; i++) {
      share_row(scores + i * columns, is_causal ? row + i + 1 : length, seen);
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
