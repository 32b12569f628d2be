// The loops around a linear layer's tile, the same for every element type: included once
// by a kernel, after it has defined
//   KESS_TARGET   its processor features
//   KESS_PER_WORD the inputs that one word holds
//   tile(rows, words, panel, count, sums, adds), of at most KESS_TILE_ROWS rows, `rows` and
//                 `adds` constants: count words of a tile's rows by as many of a panel, into
//                 KESS_PANEL sums a row, or added to them
//   load_sums(sums, low, high), a row's sums as floats
//   KESS_OUTPUT_WORDS(low, high), if outputs may be left as tiles: 32 of them as words
// and defines, after it, load_words, which is declared here.
//   KESS_SCALES   whether rows and columns have scales

#include "tiles_avx512.h"

#ifdef KESS_OUTPUT_WORDS
#define KESS_WRITES_TILES 1
#else
#define KESS_WRITES_TILES 0
#define KESS_OUTPUT_WORDS(low, high) _mm512_setzero_si512()
#endif

enum {
  // Words of a panel that all rows of a block pass over before the next ones come: they
  // stay in the first-level cache.
  slice_words = 192,
  // Inputs that all panels pass over before the next rows come: they stay in the
  // second-level cache.
  block_bytes = 2048 * 1024,
  // What fits on the stack of any thread.
  block_tiles = 42,
};

// Rows of floats, `stride` apart; for halves what they are multiplied by, for 8 bits how each
// is rounded.
struct source {
  const float *input;
  float factor;
  long inputs;
  long stride;
  const float *scale;
  const float *zero;
};

// Words `first` to `first + 16` of a row, zeros past its end.
KESS_TARGET KESS_INLINE __m512i load_words(const struct source *source, long row, long first);

KESS_TARGET KESS_INLINE long source_words(const struct source *source) {
  return (source->inputs + KESS_PER_WORD - 1) / KESS_PER_WORD;
}

// Sixteen words of `count` rows, each `step` after the last; zeros for those up to sixteen.
KESS_TARGET KESS_INLINE void load_block(
    const struct source *source, long row, long step, long count, long first, __m512i *loaded) {
  for (int r = 0; r < 16; r++) {
    loaded[r] = r < count ? load_words(source, row + r * step, first) : _mm512_setzero_si512();
  }
}

// `height` rows from `row` on, as one tile.
KESS_TARGET KESS_INLINE void fill_tile(
    const struct source *source, long row, int height, uint32_t *tile) {
  const long words = source_words(source);
  for (long first = 0; first < words; first += 16) {
    __m512i loaded[16];
    load_block(source, row, 1, height, first, loaded);
    kess_store_words(loaded, height, words - first, tile + first * height, height);
  }
}

KESS_TARGET KESS_INLINE void fill_tiles(const struct source *source, uint32_t *tiles, long rows) {
  const long words = source_words(source);
  for (long t = 0; t < kess_tile_count(rows); t++) {
    long row = kess_tile_start(t, rows);
    fill_tile(source, row, (int)(kess_tile_start(t + 1, rows) - row), tiles + row * words);
  }
}

// A function of its own: beside the finish, whose constants want registers too, the
// compiler keeps sums on the stack, and a tile takes twice as long.
KESS_TARGET __attribute__((noinline)) static void any_tile(
    int rows, const uint32_t *words, const uint32_t *panel, long count, float *sums, int adds) {
#define KESS_TILE_CASE(n)                                   \
  case n:                                                   \
    if (adds) {                                             \
      tile(n, words, panel, count, sums, 1);                \
    } else {                                                \
      tile(n, words, panel, count, sums, 0);                \
    }                                                       \
    break;
  switch (rows) { KESS_TILE_HEIGHTS(KESS_TILE_CASE) }
#undef KESS_TILE_CASE
}

// Where outputs go: rows of floats `stride` apart, or, where `tile` is not null, tiles of
// `stride` words a row.
struct target {
  float *rows;
  uint32_t *tile;
  long stride;
};

// One tile's outputs by one panel: `width` columns from `first` on, rows from `row` on.
KESS_TARGET KESS_INLINE void finish_tile_as(
    enum kess_activation activation, int to_tile, const float *sums, int height,
    const struct target *target, long row, long first, long width, const struct kess_finish *f) {
  const __mmask16 left = kess_lanes(width), right = kess_lanes(width > 16 ? width - 16 : 0);
  const struct kess_columns near = kess_columns(f, first, left, KESS_SCALES);
  const struct kess_columns far = kess_columns(f, first + 16, right, KESS_SCALES);
  __m512i words[16];
  for (int i = 0; i < (to_tile ? 16 : height); i++) {
    if (i >= height) {
      words[i] = _mm512_setzero_si512();
      continue;
    }
    __m512 low, high;
    load_sums(sums + i * KESS_PANEL, &low, &high);
    low = kess_activate(kess_scaled(low, row + i, &near, f, KESS_SCALES), activation);
    high = kess_activate(kess_scaled(high, row + i, &far, f, KESS_SCALES), activation);
    if (to_tile) {
      words[i] = KESS_OUTPUT_WORDS(low, high);
      continue;
    }
    float *out = target->rows + (row + i) * target->stride + first;
    if (f->adds) {
      low = _mm512_add_ps(low, _mm512_maskz_loadu_ps(left, out));
      high = _mm512_add_ps(high, _mm512_maskz_loadu_ps(right, out + 16));
    }
    _mm512_mask_storeu_ps(out, left, low);
    _mm512_mask_storeu_ps(out + 16, right, high);
  }
  if (!to_tile) return;
  const long word = first / KESS_PER_WORD;
  kess_store_words(
      words, height, target->stride - word, target->tile + row * target->stride + word * height,
      height);
}

KESS_TARGET __attribute__((noinline, unused)) static void finish_tile(
    const float *sums, int height, const struct target *target, long row, long first, long width,
    const struct kess_finish *f) {
#define KESS_FINISH(name, to_tile) \
  finish_tile_as(                  \
      kess_activation_##name, to_tile, sums, height, target, row, first, width, f)
#define KESS_FINISH_CASE(name)              \
  case kess_activation_##name:              \
    if (KESS_WRITES_TILES && target->tile) { \
      KESS_FINISH(name, 1);                 \
    } else {                                \
      KESS_FINISH(name, 0);                 \
    }                                       \
    break;
  switch (f->activation) {
    KESS_FINISH_CASE(none)
    KESS_FINISH_CASE(quick_gelu)
    KESS_FINISH_CASE(gelu)
    KESS_FINISH_CASE(relu)
  }
#undef KESS_FINISH_CASE
#undef KESS_FINISH
}

// The tiles from `top` on by one panel, with `width` outputs from `first` on. Each tile asks
// for a share of the panel that comes next, which is in no cache: all weights of a model are
// more than the caches hold.
KESS_TARGET KESS_INLINE void panel_tiles(
    const uint32_t *tiles, const uint32_t *panel, const struct target *target, long top,
    long bottom, long rows, long words, long first, long outputs,
    const struct kess_finish *finish) {
  _Alignas(64) float sums[block_tiles * KESS_TILE_ROWS * KESS_PANEL];
  const long base = kess_tile_start(top, rows);
  const long width = outputs - first < KESS_PANEL ? outputs - first : KESS_PANEL;
  const long slices = (words + slice_words - 1) / slice_words;
  const long steps = slices * (bottom - top);
  const char *next = (const char *)(panel + words * KESS_PANEL);
  const long lines = first + KESS_PANEL < outputs ? words * KESS_PANEL * 4 / 64 : 0;
  const long share = (lines + steps - 1) / steps;
  long line = 0;
  for (long from = 0; from < words; from += slice_words) {
    long count = words - from < slice_words ? words - from : slice_words;
    for (long t = top; t < bottom; t++) {
      for (long last = line + share < lines ? line + share : lines; line < last; line++) {
        _mm_prefetch(next + line * 64, _MM_HINT_T1);
      }
      long row = kess_tile_start(t, rows);
      int height = (int)(kess_tile_start(t + 1, rows) - row);
      float *own = sums + (row - base) * KESS_PANEL;
      any_tile(
          height, tiles + row * words + from * height, panel + from * KESS_PANEL, count, own,
          from > 0);
      if (from + count < words) continue;
      finish_tile(own, height, target, row, first, width, finish);
    }
  }
}

KESS_TARGET KESS_INLINE void panel_blocks(
    const uint32_t *tiles, const uint32_t *panels, const struct target *target, long rows,
    long words, long outputs, const struct kess_finish *finish) {
  const long count = kess_tile_count(rows);
  long block = block_bytes / (words * 4 * KESS_TILE_ROWS);
  block = block < 1 ? 1 : block > block_tiles ? block_tiles : block;
  // Blocks of one size: a short one would load all weights for few rows.
  const long blocks = (count + block - 1) / block;
  for (long b = 0; b < blocks; b++) {
    for (long first = 0; first < outputs; first += KESS_PANEL) {
      panel_tiles(
          tiles, panels + first * words, target, count * b / blocks, count * (b + 1) / blocks,
          rows, words, first, outputs, finish);
    }
  }
}
