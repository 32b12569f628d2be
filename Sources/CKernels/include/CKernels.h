// Loops that Swift cannot express as fast: it has no per-function target, so that
// its vectors are those of the oldest x86-64.
//
// Every function needs the CPU features that its comment names; the callers in
// Tensors ask `CPUFeatures` first and have a Swift loop for other CPUs, which the
// tests compare with these.
#ifndef KESS_CKERNELS_H
#define KESS_CKERNELS_H

#include <stdint.h>

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

// softmax(q kᵀ · scale) v of one head over one sequence: rows of `width` elements, a
// multiple of 16, `stride` apart (`output_stride` in the output). Scratch, aligned to 64
// bytes, holds (width + 6) floats for each key, their number rounded up to 16.
void kess_attend(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride);

// Finishes [rows, width] products; `output` may be `products`.
void kess_finish_rows(
    const float *products, float *output, long rows, long width,
    const struct kess_finish *finish);

// Rounds each row to 8 bits: x is about scale[r] * (q - zero[r]). Rows of the output
// begin `stride` apart, filled up with zeros.
void kess_quantize_rows(
    const float *input, uint8_t *output, float *scale, float *zero, long rows, long width,
    long stride);

// Rounds weights [outputs, inputs] to numbers from -127 to 127 with one scale an
// output; `sums` gets each output's sum of numbers.
void kess_quantize_weights(
    const float *weight, int8_t *numbers, float *scales, float *sums, long inputs, long outputs);

// Rounds to the nearest bfloat16, ties to even.
void kess_convert_to_bf16(const float *input, uint16_t *output, long count);

// Rounds to the nearest half-precision number, ties to even.
void kess_convert_to_f16(const float *input, uint16_t *output, long count);

// ---- AVX-512 VNNI besides ----

// The columns that one panel of packed 8-bit weights holds.
#define KESS_INT8_PANEL 32

// Packs weights of kess_quantize_weights as
// [panels][inputs / 4, rounded up][KESS_INT8_PANEL][4], zeros where there is no weight.
void kess_int8_pack(const int8_t *numbers, int8_t *panels, long inputs, long outputs);

// output[r, c] = finish(sum over k of input[r, k] * weight[c, k]), `inputs` a multiple
// of 4, for weights of kess_int8_pack. Sums are 32-bit integers.
void kess_int8_linear(
    const uint8_t *input, const int8_t *panels, float *output, long rows, long inputs,
    long outputs, const struct kess_finish *finish);

// ---- AVX-512 FP16 besides ----

// The columns that one panel of packed half-precision weights holds.
#define KESS_F16_PANEL 32

// Rounds weights [outputs, inputs] and packs them as
// [panels][inputs / 2, rounded up][KESS_F16_PANEL][2], zeros where there is no weight.
void kess_f16_pack(const float *weight, uint16_t *panels, long inputs, long outputs);

// output[r, c] = finish(sum over k of input[r, k] * weight[c, k]), `inputs` even,
// for weights of kess_f16_pack. Sums of up to 64 products are in half precision,
// the sum of those in single.
void kess_f16_linear(
    const uint16_t *input, const uint16_t *panels, float *output, long rows, long inputs,
    long outputs, const struct kess_finish *finish);

#endif
