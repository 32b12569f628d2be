// Attention of one head over one short sequence: its scores never leave the first
// cache, and nothing is looked up or scheduled for it.
#if defined(__x86_64__)

#include "finish_avx512.h"

enum { block_rows = 6 };

// Keys as columns, so that one vector holds one element of sixteen keys; columns past
// the last key are zeros.
KESS_AVX512 static void transpose_keys(
    const float *keys, long length, long stride, long columns, long width, float *transposed) {
  const __m512i places = _mm512_mullo_epi32(
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
      _mm512_set1_epi32((int)stride));
  for (long j = 0; j < columns; j += 16) {
    __mmask16 lanes = kess_lanes(length - j);
    for (long c = 0; c < width; c++) {
      __m512 column = _mm512_mask_i32gather_ps(
          _mm512_setzero_ps(), lanes, places, keys + j * stride + c, 4);
      _mm512_store_ps(transposed + c * columns + j, column);
    }
  }
}

// out[r][0 ..< 16 * vectors] = the sum over k of left[r][k] * right[k]: a block of rows
// whose sums stay in registers; `vectors` is a constant wherever this is inlined.
KESS_AVX512 KESS_INLINE void multiply_block(
    int vectors, const float *const *left, const float *right, long right_stride, long inner,
    float *const *out) {
  __m512 sums[block_rows][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < block_rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_setzero_ps();
  }
  for (long k = 0; k < inner; k++) {
    __m512 b[4];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) b[v] = _mm512_loadu_ps(right + k * right_stride + 16 * v);
#pragma clang loop unroll(full)
    for (int r = 0; r < block_rows; r++) {
      __m512 a = _mm512_set1_ps(left[r][k]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] = _mm512_fmadd_ps(a, b[v], sums[r][v]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < block_rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) _mm512_storeu_ps(out[r] + 16 * v, sums[r][v]);
  }
}

// The same for any multiple of 16 columns.
KESS_AVX512 static void multiply_rows(
    const float *const *left, const float *right, long right_stride, long inner,
    float *const *out, long columns) {
  float *part[block_rows];
  for (long c = 0; c < columns;) {
    for (int r = 0; r < block_rows; r++) part[r] = out[r] + c;
    long vectors = (columns - c) / 16;
    if (vectors >= 4) {
      multiply_block(4, left, right + c, right_stride, inner, part);
      c += 64;
    } else if (vectors >= 2) {
      multiply_block(2, left, right + c, right_stride, inner, part);
      c += 32;
    } else {
      multiply_block(1, left, right + c, right_stride, inner, part);
      c += 16;
    }
  }
}

// A transposed head's keys, and the scores of a block of rows.
long kess_attend_scratch(long length, long width) {
  return (width + block_rows) * ((length + 15) & ~15L);
}

KESS_AVX512 void kess_attend(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride) {
  const long columns = (length + 15) & ~15L;
  float *transposed = scratch, *scores = scratch + width * columns;
  transpose_keys(keys, length, stride, columns, width, transposed);
  for (long first = 0; first < length; first += block_rows) {
    // Rows past the last are computed as the last one again.
    const float *left[block_rows];
    const float *shares[block_rows];
    float *weighted[block_rows];
    float *out[block_rows];
    for (int r = 0; r < block_rows; r++) {
      long row = first + r < length ? first + r : length - 1;
      left[r] = queries + row * stride;
      shares[r] = weighted[r] = scores + r * columns;
      out[r] = output + row * output_stride;
    }
    long seen = is_causal && first + block_rows < length ? first + block_rows : length;
    multiply_rows(left, transposed, columns, width, weighted, (seen + 15) & ~15L);
    for (int r = 0; r < block_rows; r++) {
      long row = first + r < length ? first + r : length - 1;
      long count = is_causal ? row + 1 : length;
      kess_softmax_rows(weighted[r], 1, count, columns, scale, 0);
      for (long c = count; c < seen; c++) weighted[r][c] = 0;
    }
    multiply_rows(shares, values, stride, seen, out, width);
  }
}

#endif
