// Inputs of the linear kernels, cut into tiles of rows. Every element type is seen as words
// of 32 bits: two halves or four bytes, neighbours in a row. A tile holds
// [words][its rows], so that a kernel reads the words it broadcasts one after the other;
// rows that lie a power of two apart would share the places of the first cache.
#ifndef KESS_TILES_AVX512_H
#define KESS_TILES_AVX512_H

#include "finish_avx512.h"

// The most rows of a tile: with two vectors of columns their sums take 24 registers.
#define KESS_TILE_ROWS 12

KESS_INLINE long kess_tile_count(long rows) { return (rows + KESS_TILE_ROWS - 1) / KESS_TILE_ROWS; }

// The first row of tile `tile`. Tiles are as like each other as can be: one of few rows
// waits for its own sums.
KESS_INLINE long kess_tile_start(long tile, long rows) {
  const long count = kess_tile_count(rows), more = rows % count;
  return rows / count * tile + (tile < more ? tile : more);
}

// A case of a switch for each height of a tile.
#define KESS_TILE_HEIGHTS(height)                                                          \
  height(1) height(2) height(3) height(4) height(5) height(6) height(7) height(8) height(9) \
      height(10) height(11) height(12)

// Sixteen rows of sixteen words, exchanged.
KESS_AVX512 KESS_INLINE void kess_transpose(const __m512i *rows, __m512i *columns) {
  // Pairs of words, then pairs of those, then quarters of vectors.
  __m512i a[16], b[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  // b[4 g + w] has rows 4 g to 4 g + 3 of words w, w + 4, w + 8 and w + 12.
#pragma clang loop unroll(full)
  for (int w = 0; w < 4; w++) {
    __m512i low = _mm512_shuffle_i32x4(b[w], b[4 + w], 0x88);
    __m512i high = _mm512_shuffle_i32x4(b[8 + w], b[12 + w], 0x88);
    columns[w] = _mm512_shuffle_i32x4(low, high, 0x88);
    columns[w + 8] = _mm512_shuffle_i32x4(low, high, 0xdd);
    low = _mm512_shuffle_i32x4(b[w], b[4 + w], 0xdd);
    high = _mm512_shuffle_i32x4(b[8 + w], b[12 + w], 0xdd);
    columns[w + 4] = _mm512_shuffle_i32x4(low, high, 0x88);
    columns[w + 12] = _mm512_shuffle_i32x4(low, high, 0xdd);
  }
}

// Writes sixteen words of each of `count` rows, or as many as are left: `out[w * stride]` on
// gets word w of all rows.
KESS_AVX512 KESS_INLINE void kess_store_words(
    const __m512i *rows, int count, long left, uint32_t *out, long stride) {
  __m512i columns[16];
  kess_transpose(rows, columns);
  const __mmask16 lanes = kess_lanes(count);
#pragma clang loop unroll(full)
  for (int w = 0; w < 16; w++) {
    if (w < left) _mm512_mask_storeu_epi32(out + w * stride, lanes, columns[w]);
  }
}

#endif
