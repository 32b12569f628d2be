// Passes over rows of 32-bit floats.
#if defined(__x86_64__)

#include "finish_avx512.h"

KESS_AVX512 void kess_softmax_rows(
    float *values, long rows, long width, long stride, float scale, int is_causal) {
  const __m512 factor = _mm512_set1_ps(scale);
  const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
  for (long r = 0; r < rows; r++) {
    float *row = values + r * stride;
    long count = is_causal && r + 1 < width ? r + 1 : width;
    __m512 largest = lowest;
    for (long c = 0; c < count; c += 16) {
      __mmask16 lanes = kess_lanes(count - c);
      __m512 x = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, row + c), factor);
      largest = _mm512_mask_max_ps(largest, lanes, largest, x);
    }
    const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
    __m512 sums = _mm512_setzero_ps();
    for (long c = 0; c < count; c += 16) {
      __mmask16 lanes = kess_lanes(count - c);
      __m512 x = _mm512_maskz_loadu_ps(lanes, row + c);
      __m512 e = kess_exp(_mm512_fmsub_ps(x, factor, top));
      sums = _mm512_mask_add_ps(sums, lanes, sums, e);
      _mm512_mask_storeu_ps(row + c, lanes, e);
    }
    const __m512 share = _mm512_set1_ps(1.0f / _mm512_reduce_add_ps(sums));
    for (long c = 0; c < count; c += 16) {
      __mmask16 lanes = kess_lanes(count - c);
      __m512 x = _mm512_maskz_loadu_ps(lanes, row + c);
      _mm512_mask_storeu_ps(row + c, lanes, _mm512_mul_ps(x, share));
    }
    for (long c = count; c < width; c++) row[c] = 0;
  }
}

KESS_AVX512 void kess_normalize_rows(
    const float *input, float *output, long rows, long width, const float *weight,
    const float *bias, float epsilon) {
  for (long r = 0; r < rows; r++) {
    const float *x = input + r * width;
    float *y = output + r * width;
    __m512 sums = _mm512_setzero_ps();
    for (long c = 0; c < width; c += 16) {
      sums = _mm512_add_ps(sums, _mm512_maskz_loadu_ps(kess_lanes(width - c), x + c));
    }
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sums) / (float)width);
    __m512 squares = _mm512_setzero_ps();
    for (long c = 0; c < width; c += 16) {
      __mmask16 lanes = kess_lanes(width - c);
      __m512 d = _mm512_maskz_sub_ps(lanes, _mm512_maskz_loadu_ps(lanes, x + c), mean);
      squares = _mm512_fmadd_ps(d, d, squares);
    }
    float variance = _mm512_reduce_add_ps(squares) / (float)width;
    __m128 root = _mm_sqrt_ss(_mm_set_ss(variance + epsilon));
    const __m512 factor = _mm512_set1_ps(1.0f / _mm_cvtss_f32(root));
    for (long c = 0; c < width; c += 16) {
      __mmask16 lanes = kess_lanes(width - c);
      __m512 d = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, x + c), mean);
      __m512 scaled = _mm512_mul_ps(d, factor);
      __m512 w = _mm512_maskz_loadu_ps(lanes, weight + c);
      __m512 b = _mm512_maskz_loadu_ps(lanes, bias + c);
      _mm512_mask_storeu_ps(y + c, lanes, _mm512_fmadd_ps(scaled, w, b));
    }
  }
}

KESS_AVX512 void kess_finish_rows(
    const float *products, float *output, long rows, long width,
    const struct kess_finish *finish) {
  for (long r = 0; r < rows; r++) {
    for (long c = 0; c < width; c += 16) {
      const __mmask16 lanes = kess_lanes(width - c);
      const struct kess_columns columns = kess_columns(finish, c, lanes, finish->row_scale != 0);
      float *out = output + r * width + c;
      __m512 x = _mm512_maskz_loadu_ps(lanes, products + r * width + c);
      x = kess_scaled(x, r, &columns, finish, finish->row_scale != 0);
      x = kess_activate(x, finish->activation);
      if (finish->adds) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(lanes, out));
      _mm512_mask_storeu_ps(out, lanes, x);
    }
  }
}

KESS_AVX512 void kess_quantize_rows(
    const float *input, uint8_t *output, float *scale, float *zero, long rows, long width) {
  for (long r = 0; r < rows; r++) {
    const float *x = input + r * width;
    kess_row_range(x, width, scale + r, zero + r);
    const __m512 inverse = _mm512_set1_ps(1.0f / scale[r]), shift = _mm512_set1_ps(zero[r]);
    for (long c = 0; c < width; c += 16) {
      __m128i q = kess_quantize(x + c, width - c, inverse, shift);
      _mm_mask_storeu_epi8(output + r * width + c, kess_lanes(width - c), q);
    }
  }
}

KESS_AVX512 void kess_quantize_weights(
    const float *weight, int8_t *numbers, float *scales, float *sums, long inputs, long outputs) {
  for (long r = 0; r < outputs; r++) {
    const float *x = weight + r * inputs;
    __m512 largest = _mm512_setzero_ps();
    for (long c = 0; c < inputs; c += 16) {
      __m512 v = _mm512_maskz_loadu_ps(kess_lanes(inputs - c), x + c);
      largest = _mm512_max_ps(largest, _mm512_abs_ps(v));
    }
    float top = _mm512_reduce_max_ps(largest);
    scales[r] = top > 0 ? top / 127.0f : 1.0f;
    const __m512 scale = _mm512_set1_ps(scales[r]);
    __m512i sum = _mm512_setzero_si512();
    for (long c = 0; c < inputs; c += 16) {
      __mmask16 lanes = kess_lanes(inputs - c);
      __m512 v = _mm512_maskz_loadu_ps(lanes, x + c);
      __m512i q = _mm512_cvtps_epi32(_mm512_div_ps(v, scale));
      sum = _mm512_add_epi32(sum, q);
      _mm_mask_storeu_epi8(numbers + r * inputs + c, lanes, _mm512_cvtsepi32_epi8(q));
    }
    sums[r] = (float)_mm512_reduce_add_epi32(sum);
  }
}

KESS_AVX512 void kess_convert_to_bf16(const float *input, uint16_t *output, long count) {
  for (long c = 0; c < count; c += 16) {
    __mmask16 lanes = kess_lanes(count - c);
    __m512i bits = _mm512_castps_si512(_mm512_maskz_loadu_ps(lanes, input + c));
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded =
        _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    __m256i half = _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
    _mm256_mask_storeu_epi16(output + c, lanes, half);
  }
}

#endif
