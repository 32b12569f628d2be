// A linear layer in half precision.
#if defined(__x86_64__)

#include "half_tiles.h"

KESS_TARGET void kess_f16_tiles(const float *input, uint32_t *tiles, long rows, long inputs) {
  struct source source = {.input = input, .factor = 1, .inputs = inputs, .stride = inputs};
  fill_tiles(&source, tiles, rows);
}

KESS_TARGET void kess_f16_pack(const float *weight, uint32_t *panels, long inputs, long outputs) {
  struct source source = {.input = weight, .factor = 1, .inputs = inputs, .stride = inputs};
  pack_halves(&source, panels, outputs);
}

KESS_TARGET void kess_f16_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  struct target target = {.rows = output, .stride = outputs};
  panel_blocks(tiles, panels, &target, rows, words, outputs, finish);
}

KESS_TARGET void kess_f16_linear_tiles(
    const uint32_t *tiles, const uint32_t *panels, uint32_t *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  struct target target = {.tile = output, .stride = (outputs + 1) / 2};
  panel_blocks(tiles, panels, &target, rows, words, outputs, finish);
}

#endif
