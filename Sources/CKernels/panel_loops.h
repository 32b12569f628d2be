// The loops around a linear layer's tile, the same for every element type: included once
// by a kernel, after it has defined
//   KESS_TARGET        its processor features
//   KESS_INPUT         an input's type
//   KESS_WEIGHT        a packed weight's type
//   KESS_PANEL         the columns of one panel
//   KESS_ROW_SUMS      the floats that `tile` leaves for each row
//   tile(rows, input, panel, inputs, sums), of at most KESS_TILE_ROWS rows, `rows` a constant
//   close_row(sums), which moves a row's sums to its front

#include "finish_avx512.h"

// Inputs that all panels pass over before the next rows come: they stay in the
// second-level cache.
enum { block_bytes = 1024 * 1024 };

// A function of its own: beside the finish, whose constants want registers too, the
// compiler keeps sums on the stack, and a tile takes twice as long.
KESS_TARGET __attribute__((noinline)) static void any_tile(
    int rows, const KESS_INPUT *input, const KESS_WEIGHT *panel, long inputs, float *sums) {
  switch (rows) {
  case 12: tile(12, input, panel, inputs, sums); break;
  case 11: tile(11, input, panel, inputs, sums); break;
  case 10: tile(10, input, panel, inputs, sums); break;
  case 9: tile(9, input, panel, inputs, sums); break;
  case 8: tile(8, input, panel, inputs, sums); break;
  case 7: tile(7, input, panel, inputs, sums); break;
  case 6: tile(6, input, panel, inputs, sums); break;
  case 5: tile(5, input, panel, inputs, sums); break;
  case 4: tile(4, input, panel, inputs, sums); break;
  case 3: tile(3, input, panel, inputs, sums); break;
  case 2: tile(2, input, panel, inputs, sums); break;
  default: tile(1, input, panel, inputs, sums); break;
  }
}

// The rows from `top` on by one panel, in tiles that are as like each other as can be: a
// tile of few rows waits for its own sums. Each asks for a share of the panel that comes
// next, which is in no cache: all weights of a model are more than the caches hold.
KESS_TARGET KESS_INLINE void panel_rows(
    const KESS_INPUT *input, const KESS_WEIGHT *panel, float *output, long top, long bottom,
    long first, long inputs, long outputs, const struct kess_finish *finish) {
  _Alignas(64) float sums[KESS_TILE_ROWS * KESS_ROW_SUMS];
  long width = outputs - first < KESS_PANEL ? outputs - first : KESS_PANEL;
  long tiles = (bottom - top + KESS_TILE_ROWS - 1) / KESS_TILE_ROWS;
  const char *next = (const char *)(panel + inputs * KESS_PANEL);
  long bytes = first + KESS_PANEL < outputs ? inputs * KESS_PANEL * (long)sizeof(KESS_WEIGHT) : 0;
  for (long t = 0, r = top; t < tiles; t++) {
    int count = (int)((bottom - r) / (tiles - t));
    for (long line = bytes * t / tiles; line < bytes * (t + 1) / tiles; line += 64) {
      _mm_prefetch(next + line, _MM_HINT_T1);
    }
    any_tile(count, input + r * inputs, panel, inputs, sums);
    for (int i = 0; i < count; i++) {
      close_row(sums + i * KESS_ROW_SUMS);
      kess_finish_row(
          sums + i * KESS_ROW_SUMS, output + (r + i) * outputs + first, r + i, first, width,
          finish);
    }
    r += count;
  }
}

KESS_TARGET KESS_INLINE void panel_blocks(
    const KESS_INPUT *input, const KESS_WEIGHT *panels, float *output, long rows, long inputs,
    long outputs, const struct kess_finish *finish) {
  long block = block_bytes / (long)sizeof(KESS_INPUT) / inputs / KESS_TILE_ROWS * KESS_TILE_ROWS;
  if (block < KESS_TILE_ROWS) block = KESS_TILE_ROWS;
  for (long top = 0; top < rows; top += block) {
    long bottom = top + block < rows ? top + block : rows;
    for (long first = 0; first < outputs; first += KESS_PANEL) {
      panel_rows(
          input, panels + first * inputs, output, top, bottom, first, inputs, outputs, finish);
    }
  }
}
