// Other processors have none of these features, so that nothing calls these; the
// names exist for the linker.
#if !defined(__x86_64__)

#include "CKernels.h"

void kess_softmax_rows(
    float *values, long rows, long width, long stride, float scale, int is_causal) {
  __builtin_trap();
}

void kess_normalize_rows(
    const float *input, float *output, long rows, long width, const float *weight,
    const float *bias, float epsilon) {
  __builtin_trap();
}

void kess_resample_rows(
    const uint8_t *pixels, long stride, long rows, int ends, const int32_t *offsets,
    const int32_t *weights, long taps, long columns, uint8_t *output) {
  __builtin_trap();
}

void kess_resample_columns(
    const uint8_t *samples, long stride, const int32_t *weights, long taps, long count,
    uint8_t *output) {
  __builtin_trap();
}

long kess_attend_scratch(long length, long width) { __builtin_trap(); }

void kess_attend(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride) {
  __builtin_trap();
}

void kess_finish_rows(
    const float *products, float *output, long rows, long width,
    const struct kess_finish *finish) {
  __builtin_trap();
}

void kess_quantize_rows(
    const float *input, uint8_t *output, float *scale, float *zero, long rows, long width) {
  __builtin_trap();
}

void kess_quantize_weights(
    const float *weight, int8_t *numbers, float *scales, float *sums, long inputs, long outputs) {
  __builtin_trap();
}

void kess_convert_to_bf16(const float *input, uint16_t *output, long count) { __builtin_trap(); }

long kess_bf16_scratch(long m, long k) { __builtin_trap(); }

void kess_bf16_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, float factor, const float *a,
    long lda, const float *b, long ldb, int adds, float *c, long ldc, uint32_t *scratch) {
  __builtin_trap();
}

void kess_f16_pack(const float *weight, uint32_t *panels, long inputs, long outputs) {
  __builtin_trap();
}

void kess_f16_tiles(const float *input, uint32_t *tiles, long rows, long inputs) {
  __builtin_trap();
}

void kess_f16_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  __builtin_trap();
}

void kess_int8_pack(const int8_t *numbers, uint32_t *panels, long inputs, long outputs) {
  __builtin_trap();
}

void kess_int8_tiles(
    const float *input, uint32_t *tiles, float *scale, float *zero, long rows, long inputs) {
  __builtin_trap();
}

void kess_int8_linear(
    const uint32_t *tiles, const uint32_t *panels, float *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  __builtin_trap();
}

void kess_f16_linear_tiles(
    const uint32_t *tiles, const uint32_t *panels, uint32_t *output, long rows, long words,
    long outputs, const struct kess_finish *finish) {
  __builtin_trap();
}

long kess_attend_f16_scratch(long length, long width) { __builtin_trap(); }

void kess_attend_f16(
    const float *queries, const float *keys, const float *values, long length, long stride,
    long width, float scale, int is_causal, float *scratch, float *output, long output_stride) {
  __builtin_trap();
}

#endif
