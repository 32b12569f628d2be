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

KESS_TARGET KESS_INLINE void panel_rows(
    const KESS_INPUT *input, const KESS_WEIGHT *panel, float *output, long top, long bottom,
    long first, long inputs, long outputs, const struct kess_finish *finish) {
  _Alignas(64) float sums[KESS_TILE_ROWS * KESS_ROW_SUMS];
  long width = outputs - first < KESS_PANEL ? outputs - first : KESS_PANEL;
  for (long r = top; r < bottom;) {
    const KESS_INPUT *a = input + r * inputs;
    long left = bottom - r;
    int count = left >= 12 ? 12 : left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    switch (count) {
    case 12: tile(12, a, panel, inputs, sums); break;
    case 8: tile(8, a, panel, inputs, sums); break;
    case 4: tile(4, a, panel, inputs, sums); break;
    case 2: tile(2, a, panel, inputs, sums); break;
    default: tile(1, a, panel, inputs, sums); break;
    }
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
