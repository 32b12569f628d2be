#include "CPeaks.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Enough chains to cover four cycles of latency on two ports.
enum { chains = 12 };

#define KESS_PEAK(name, features, vector, zero, step, operations)            \
  __attribute__((target(features))) double name(long rounds) {               \
    vector sums[chains];                                                     \
    for (int i = 0; i < chains; i++) sums[i] = zero();                       \
    for (long round = 0; round < rounds; round++) {                          \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < chains; i++) {  \
        step;                                                                \
        /* Else the compiler does the sums once. */                          \
        __asm__ volatile("" : "+v"(sums[i]));                                \
      }                                                                      \
    }                                                                        \
    return (double)rounds * chains * (operations);                           \
  }

KESS_PEAK(kess_peak_f32_avx2, "avx2,fma", __m256, _mm256_setzero_ps,
          sums[i] = _mm256_fmadd_ps(sums[i], sums[i], sums[i]), 2 * 8)
KESS_PEAK(kess_peak_f32, "avx512f", __m512, _mm512_setzero_ps,
          sums[i] = _mm512_fmadd_ps(sums[i], sums[i], sums[i]), 2 * 16)
KESS_PEAK(kess_peak_f16, "avx512f,avx512fp16", __m512h, _mm512_setzero_ph,
          sums[i] = _mm512_fmadd_ph(sums[i], sums[i], sums[i]), 2 * 32)
KESS_PEAK(kess_peak_bf16, "avx512f,avx512bf16", __m512, _mm512_setzero_ps,
          sums[i] = _mm512_dpbf16_ps(sums[i], (__m512bh)sums[i], (__m512bh)sums[i]), 2 * 32)
KESS_PEAK(kess_peak_int8, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512,
          sums[i] = _mm512_dpbusd_epi32(sums[i], sums[i], sums[i]), 2 * 64)

#else

double kess_peak_f32_avx2(long rounds) { return 0; }
double kess_peak_f32(long rounds) { return 0; }
double kess_peak_f16(long rounds) { return 0; }
double kess_peak_bf16(long rounds) { return 0; }
double kess_peak_int8(long rounds) { return 0; }

#endif
