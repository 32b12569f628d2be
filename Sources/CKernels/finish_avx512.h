// Vector functions that several kernels inline; not for Swift.
#ifndef KESS_FINISH_AVX512_H
#define KESS_FINISH_AVX512_H

#include <immintrin.h>

#include "CKernels.h"

#define KESS_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define KESS_INLINE static inline __attribute__((always_inline))

// The lanes of a vector of 16 that begin `count` elements before the end.
KESS_AVX512 KESS_INLINE __mmask16 kess_lanes(long count) {
  return count >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << count) - 1u);
}

// exp(x), with the polynomial of vectorExponential. Of this order of the bounds not-a-numbers
// remain.
KESS_AVX512 KESS_INLINE __m512 kess_exp(__m512 x) {
  x = _mm512_max_ps(_mm512_set1_ps(-87.33654f), x);
  x = _mm512_min_ps(_mm512_set1_ps(88.0f), x);
  __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.1219444e-4f), r);
  __m512 y = _mm512_set1_ps(1.98756915e-4f);
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(1.3981999507e-3f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(8.3334519073e-3f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(4.1665795894e-2f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(1.6666665459e-1f));
  y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(5.0000001201e-1f));
  y = _mm512_fmadd_ps(y, _mm512_mul_ps(r, r), _mm512_add_ps(r, _mm512_set1_ps(1.0f)));
  return _mm512_scalef_ps(y, n);
}

// 1/x of a finite x to 2 units in the last place: a division takes three times as long.
KESS_AVX512 KESS_INLINE __m512 kess_reciprocal(__m512 x) {
  __m512 y = _mm512_rcp14_ps(x);
  return _mm512_mul_ps(y, _mm512_fnmadd_ps(x, y, _mm512_set1_ps(2.0f)));
}

// erf(x) to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
KESS_AVX512 KESS_INLINE __m512 kess_erf(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.0f);
  // One from 4 on; of this order not-a-numbers remain.
  __m512 a = _mm512_min_ps(_mm512_set1_ps(16.0f), _mm512_abs_ps(x));
  __m512 t = kess_reciprocal(_mm512_fmadd_ps(a, _mm512_set1_ps(0.3275911f), one));
  __m512 p = _mm512_set1_ps(1.061405429f);
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592f));
  __m512 e = kess_exp(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_mul_ps(a, a)));
  __m512 y = _mm512_fnmadd_ps(_mm512_mul_ps(p, t), e, one);
  __m512 sign = _mm512_and_ps(x, _mm512_set1_ps(-0.0f));
  return _mm512_or_ps(y, sign);
}

KESS_AVX512 KESS_INLINE __m512 kess_activate(__m512 x, enum kess_activation activation) {
  const __m512 one = _mm512_set1_ps(1.0f);
  switch (activation) {
  case kess_activation_quick_gelu: {
    __m512 e = kess_exp(_mm512_mul_ps(x, _mm512_set1_ps(-1.702f)));
    return _mm512_mul_ps(x, kess_reciprocal(_mm512_add_ps(one, e)));
  }
  case kess_activation_gelu: {
    __m512 y = kess_erf(_mm512_mul_ps(x, _mm512_set1_ps(0.70710677f)));
    return _mm512_mul_ps(_mm512_mul_ps(_mm512_set1_ps(0.5f), x), _mm512_add_ps(one, y));
  }
  case kess_activation_relu: return _mm512_max_ps(x, _mm512_setzero_ps());
  case kess_activation_none: return x;
  }
  return x;
}

// The step and the zero point with which a row's numbers fill 8 bits.
KESS_AVX512 KESS_INLINE void kess_row_range(
    const float *x, long width, float *step, float *zero) {
  // From zeros: a range without 0 would put the zero point outside 8 bits.
  __m512 least = _mm512_setzero_ps(), greatest = _mm512_setzero_ps();
  for (long c = 0; c < width; c += 16) {
    __m512 v = _mm512_maskz_loadu_ps(kess_lanes(width - c), x + c);
    least = _mm512_min_ps(least, v);
    greatest = _mm512_max_ps(greatest, v);
  }
  float low = _mm512_reduce_min_ps(least), high = _mm512_reduce_max_ps(greatest);
  *step = high > low ? (high - low) / 255.0f : 1.0f;
  *zero = __builtin_rintf(-low / *step);
}

// The first 16 of `count` numbers in 8 bits, zeros past the last.
KESS_AVX512 KESS_INLINE __m128i kess_quantize(
    const float *x, long count, __m512 inverse, __m512 zero) {
  __mmask16 lanes = kess_lanes(count);
  __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, x), inverse);
  v = _mm512_max_ps(_mm512_add_ps(_mm512_roundscale_ps(v, 0), zero), _mm512_setzero_ps());
  return _mm512_maskz_cvtusepi32_epi8(lanes, _mm512_cvtps_epu32(v));
}

// What 16 columns add to their sums and multiply them by.
struct kess_columns {
  __m512 bias;
  __m512 scale;
  __m512 sum;
};

KESS_AVX512 KESS_INLINE struct kess_columns kess_columns(
    const struct kess_finish *f, long first, __mmask16 lanes, int has_scales) {
  struct kess_columns columns = {.bias = _mm512_maskz_loadu_ps(lanes, f->bias + first)};
  if (has_scales) {
    columns.scale = _mm512_maskz_loadu_ps(lanes, f->column_scale + first);
    columns.sum = _mm512_maskz_loadu_ps(lanes, f->column_sum + first);
  }
  return columns;
}

KESS_AVX512 KESS_INLINE __m512 kess_scaled(
    __m512 x, long row, const struct kess_columns *columns, const struct kess_finish *f,
    int has_scales) {
  if (has_scales) {
    x = _mm512_fnmadd_ps(_mm512_set1_ps(f->row_zero[row]), columns->sum, x);
    x = _mm512_mul_ps(_mm512_mul_ps(columns->scale, _mm512_set1_ps(f->row_scale[row])), x);
  }
  return _mm512_add_ps(x, columns->bias);
}

#endif
