// Loops that Swift cannot express as fast: it has no per-function target, so that
// its vectors are those of the oldest x86-64.
//
// Every function needs the CPU features that its comment names; the callers in
// Tensors ask `CPUFeatures` first and have a Swift loop for other CPUs, which the
// tests compare with these.
#ifndef KESS_CKERNELS_H
#define KESS_CKERNELS_H

#include <stdint.h>

#include "training_loops.h"

// The non-linearity at the end of a linear layer.
enum kess_activation {
  kess_activation_none = 0,
  kess_activation_quick_gelu = 1,
  kess_activation_gelu = 2,
  kess_activation_relu = 3,
};

// What follows a matrix product y: x = y, or, where row_scale is not null,
// x = row_scale[r] * column_scale[c] * (y - row_zero[r] * column_sum[c]);
// then out = activation(x + bias[c]), or out += that where `adds` is not 0.
struct kess_finish {
  const float *bias;
  enum kess_activation activation;
  int adds;
  const float *row_scale;
  const float *row_zero;
  const float *column_scale;
  const float *column_sum;
};

// ---- AVX-512 F, BW, DQ, VL ----

// As RowSoftmax.apply.
void kess_softmax_rows(
    float *values, long rows, long width, long stride, float scale, int is_causal);

// As RowNormalization.apply.
void kess_normalize_rows(
    const float *input, float *output, long rows, long width, const float *weight,
    const float *bias, float epsilon);

// The first pass of ResamplingPass over rows of RGB pixels, `stride` bytes apart. For four
// columns at a time: where in a row the first pixel of each is, in bytes, and for each of `taps`
// pixels in a row 16 weights, red, green, blue and 0 of each column. A byte beyond a pixel is read,
// one before it in the last row where that `ends` the memory; there must be two rows then.
void kess_resample_rows(
    const uint8_t *pixels, long stride, long rows, int ends, const int32_t *offsets,
    const int32_t *weights, long taps, long columns, uint8_t *output);

// One row of its second pass: `count` sums over `taps` samples, `stride` apart.
void kess_resample_columns(
    const uint8_t *samples, long stride, const int32_t *weights, long taps, long count,
    uint8_t *output);

// softmax(q kᵀ · scale) v of one head over one sequence: rows of `width` elements, a
// multiple of 16, `stride` apart (`output_stride` in the output). Scratch, aligned to 64
// bytes, holds kess_attend_scratch floats.
long kess_attend_scratch(long length, long width);
void kess_attend(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride);

// Finishes [rows, width] products; `output` may be `products`.
void kess_finish_rows(
    const float *products, float *output, long rows, long width,
    const struct kess_finish *finish);

// Rounds each row to 8 bits: x is about scale[r] * (q - zero[r]).
void kess_quantize_rows(
    const float *input, uint8_t *output, float *scale, float *zero, long rows, long width);

// Rounds weights [outputs, inputs] to numbers from -127 to 127 with one scale an
// output; `sums` gets each output's sum of numbers.
void kess_quantize_weights(
    const float *weight, int8_t *numbers, float *scales, float *sums, long inputs, long outputs);

// Rounds to the nearest bfloat16, ties to even.
void kess_convert_to_bf16(const float *input, uint16_t *output, long count);

// ---- Linear layers ----
//
// output[r, c] = finish(sum over k of input[r, k] * weight[c, k]).
//
// Inputs and weights are words of 32 bits: two halves or four bytes of a row, zeros past its
// end. Inputs lie in tiles of some rows, weights in panels of KESS_PANEL
// outputs, [panels][words of a row][KESS_PANEL]; both as the functions below leave them.

#define KESS_PANEL 32

// The words that weights [outputs, words] take, in panels.
static inline long kess_panel_words(long words, long outputs) {
  return (outputs + KESS_PANEL - 1) / KESS_PANEL * KESS_PANEL * words;
}

// ---- AVX-512 VNNI besides ----

// 8 bits: a word four inputs. The weights are those of kess_quantize_weights, the inputs are
// rounded as by kess_quantize_rows. Sums are 32-bit integers.
void kess_int8_pack(const int8_t *numbers, uint32_t *panels, long inputs, long outputs);
void kess_int8_tiles(
    const float *input, uint32_t *tiles, float *scale, float *zero, long rows, long inputs);
void kess_int8_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish);

// ---- AVX-512 BF16 besides ----

// C = factor * op(A) op(B), added to C where `adds` is not 0: row-major, rows `lda`, `ldb` and
// `ldc` numbers apart as stored. Both sides are rounded to bfloat16 (the nearest, ties to even),
// sums are in single precision. Scratch holds kess_bf16_scratch words.
long kess_bf16_scratch(long m, long k);
void kess_bf16_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, float factor, const float *a,
    long lda, const float *b, long ldb, int adds, float *c, long ldc, uint32_t *scratch);

// ---- AVX-512 FP16 besides ----

// Half precision, sums too: a word two inputs.
void kess_f16_pack(const float *weight, uint32_t *panels, long inputs, long outputs);
void kess_f16_tiles(const float *input, uint32_t *tiles, long rows, long inputs);
void kess_f16_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish);

// The same, but that the output is left as the tiles of another layer's inputs: those that
// kess_f16_tiles would make of it.
void kess_f16_linear_tiles(
    const uint32_t *tiles, const uint32_t *panels, uint32_t *output, long rows, long words,
    long outputs, const struct kess_finish *finish);

// As kess_attend, with products in half precision and kess_attend_f16_scratch floats.
long kess_attend_f16_scratch(long length, long width);
void kess_attend_f16(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride);

#endif
