// Matrix products of training in bfloat16 with sums in single precision. Both sides are rounded
// while they are packed, which a product of 64 columns and rows or more pays for.
#if defined(__x86_64__)

#include "include/CKernels.h"
#include "tiles_avx512.h"

#define KESS_TARGET \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))

enum {
  // Words of a panel that all tiles pass over before the next ones come: they stay in the
  // first-level cache.
  slice_words = 192,
};

// One side of a product as rows of `inputs` numbers, the sums' extent. Number k of row r lies at
// r * stride + k, or, where it is `transposed`, at k * stride + r.
struct side {
  const float *numbers;
  long stride;
  long inputs;
  int transposed;
};

static inline long side_words(long inputs) { return (inputs + 1) / 2; }

KESS_TARGET KESS_INLINE __m512i rounded(__m512 low, __m512 high) {
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

// Words `first` to `last` of `height` rows from `row` on, at most `width`, as
// [words][width]; zeros for the rows up to `width`, which is 32 or `height`.
KESS_TARGET KESS_INLINE void pack(
    const struct side *side, long row, int height, int width, long first, long last,
    uint32_t *packed) {
  if (!side->transposed) {
    for (int r = 0; r < width; r += 16) {
      int count = width - r < 16 ? width - r : 16;
      for (long w = first; w < last; w += 16) {
        __m512i loaded[16];
        for (int i = 0; i < 16; i++) {
          if (r + i >= height) {
            loaded[i] = _mm512_setzero_si512();
            continue;
          }
          const float *x = side->numbers + (row + r + i) * side->stride + 2 * w;
          long left = side->inputs - 2 * w;
          loaded[i] = rounded(
              _mm512_maskz_loadu_ps(kess_lanes(left), x),
              _mm512_maskz_loadu_ps(kess_lanes(left > 16 ? left - 16 : 0), x + 16));
        }
        kess_store_words(loaded, count, last - w, packed + (w - first) * width + r, width);
      }
    }
    return;
  }
  // Two rows of 16 numbers, their halves in turns.
  const __m512i order = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4,
      19, 3, 18, 2, 17, 1, 16, 0);
  for (int r = 0; r < width; r += 16) {
    const __mmask16 lanes = kess_lanes(height > r ? height - r : 0);
    const __mmask16 all = kess_lanes(width - r);
    for (long w = first; w < last; w++) {
      const float *x = side->numbers + 2 * w * side->stride + row + r;
      __m512 low = _mm512_maskz_loadu_ps(lanes, x);
      __m512 high = _mm512_setzero_ps();
      if (2 * w + 1 < side->inputs) high = _mm512_maskz_loadu_ps(lanes, x + side->stride);
      _mm512_mask_storeu_epi32(
          packed + (w - first) * width + r, all,
          _mm512_permutexvar_epi16(order, rounded(low, high)));
    }
  }
}

// Where sums go, and by what they are multiplied.
struct sums {
  float *output;
  long stride;
  __m512 factor;
  __mmask16 left, right;
};

// `rows` is a constant wherever this is inlined, so that sums stay in registers.
KESS_TARGET KESS_INLINE void tile(
    int rows, const uint32_t *words, const uint32_t *panel, long count, const struct sums *sums,
    int adds) {
  __m512 left[KESS_TILE_ROWS], right[KESS_TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) left[r] = right[r] = _mm512_setzero_ps();
  for (long k = 0; k < count; k++) {
    __m512bh b0 = (__m512bh)_mm512_loadu_si512(panel + k * KESS_PANEL);
    __m512bh b1 = (__m512bh)_mm512_loadu_si512(panel + k * KESS_PANEL + 16);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      __m512bh a = (__m512bh)_mm512_set1_epi32((int)words[k * rows + r]);
      left[r] = _mm512_dpbf16_ps(left[r], a, b0);
      right[r] = _mm512_dpbf16_ps(right[r], a, b1);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    float *output = sums->output + r * sums->stride;
    __m512 low = _mm512_mul_ps(left[r], sums->factor);
    __m512 high = _mm512_mul_ps(right[r], sums->factor);
    if (adds) {
      low = _mm512_add_ps(low, _mm512_maskz_loadu_ps(sums->left, output));
      high = _mm512_add_ps(high, _mm512_maskz_loadu_ps(sums->right, output + 16));
    }
    _mm512_mask_storeu_ps(output, sums->left, low);
    _mm512_mask_storeu_ps(output + 16, sums->right, high);
  }
}

KESS_TARGET __attribute__((noinline)) static void any_tile(
    int rows, const uint32_t *words, const uint32_t *panel, long count, const struct sums *sums,
    int adds) {
#define KESS_TILE_CASE(n)                      \
  case n:                                      \
    tile(n, words, panel, count, sums, adds);  \
    break;
  switch (rows) { KESS_TILE_HEIGHTS(KESS_TILE_CASE) }
#undef KESS_TILE_CASE
}

long kess_bf16_scratch(long m, long k) {
  return side_words(k) * m + slice_words * KESS_PANEL;
}

KESS_TARGET void kess_bf16_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, float factor, const float *a,
    long lda, const float *b, long ldb, int adds, float *c, long ldc, uint32_t *scratch) {
  const struct side rows = {a, lda, k, transpose_a};
  const struct side columns = {b, ldb, k, !transpose_b};
  const long words = side_words(k), tiles = kess_tile_count(m);
  uint32_t *const panel = scratch, *const packed = scratch + slice_words * KESS_PANEL;
  // [slices][tiles][words of a slice][rows of a tile].
  for (long from = 0; from < words; from += slice_words) {
    long to = from + slice_words < words ? from + slice_words : words;
    for (long t = 0; t < tiles; t++) {
      long row = kess_tile_start(t, m);
      int height = (int)(kess_tile_start(t + 1, m) - row);
      pack(&rows, row, height, height, from, to, packed + from * m + row * (to - from));
    }
  }
  for (long first = 0; first < n; first += KESS_PANEL) {
    long width = n - first < KESS_PANEL ? n - first : KESS_PANEL;
    struct sums sums = {
        .stride = ldc, .factor = _mm512_set1_ps(factor), .left = kess_lanes(width),
        .right = kess_lanes(width > 16 ? width - 16 : 0)};
    for (long from = 0; from < words; from += slice_words) {
      long to = from + slice_words < words ? from + slice_words : words;
      pack(&columns, first, (int)width, KESS_PANEL, from, to, panel);
      for (long t = 0; t < tiles; t++) {
        long row = kess_tile_start(t, m);
        sums.output = c + row * ldc + first;
        any_tile(
            (int)(kess_tile_start(t + 1, m) - row), packed + from * m + row * (to - from), panel,
            to - from, &sums, adds || from > 0);
      }
    }
  }
}

#endif
