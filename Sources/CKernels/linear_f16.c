// A linear layer in half precision, which oneDNN 2.6 does not have. On Intel CPUs
// with AVX-512 FP16 and no AMX it runs at twice the rate of single precision, where
// their bfloat16 instruction runs at half of it.
#if defined(__x86_64__)

#include <string.h>

#include "finish_avx512.h"

#define KESS_FP16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512fp16")))

enum {
  // Each lane adds this many products in half precision: the rounding of such sums
  // stays below that which bfloat16 operands would bring.
  run = 64,
  // Lanes of a tile's row: two for each column, of even and of odd k.
  lanes = 2 * KESS_F16_PANEL,
};

// From memory: a conversion of half a register costs a shuffle more.
KESS_FP16 KESS_INLINE void add_half(float *sums, const uint16_t *half) {
  __m512 low = _mm512_cvtxph_ps(_mm256_load_ph(half));
  __m512 high = _mm512_cvtxph_ps(_mm256_load_ph(half + 16));
  _mm512_store_ps(sums, _mm512_add_ps(_mm512_load_ps(sums), low));
  _mm512_store_ps(sums + 16, _mm512_add_ps(_mm512_load_ps(sums + 16), high));
}

// Two neighbours of k at once: a broadcast of 32 bits costs no shuffle, one of 16
// does. `rows` is a constant wherever this is inlined, so that sums stay in registers.
KESS_FP16 KESS_INLINE void tile(
    int rows, const uint16_t *input, const uint16_t *panel, long inputs, float *sums) {
  _Alignas(64) uint16_t halves[KESS_TILE_ROWS * lanes];
  for (int i = 0; i < rows * lanes; i += 16) _mm512_store_ps(sums + i, _mm512_setzero_ps());
  KESS_ROW_GROUPS(at, input, inputs, rows);
  for (long start = 0; start < inputs; start += 2 * run) {
    long end = start + 2 * run < inputs ? start + 2 * run : inputs;
    __m512h left[KESS_TILE_ROWS], right[KESS_TILE_ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) left[r] = right[r] = _mm512_setzero_ph();
    for (long k = start; k < end; k += 2) {
      __m512h b0 = _mm512_loadu_ph(panel + k * KESS_F16_PANEL);
      __m512h b1 = _mm512_loadu_ph(panel + k * KESS_F16_PANEL + 32);
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        int32_t pair;
        memcpy(&pair, at[r / 3] + k + r % 3 * inputs, sizeof pair);
        __m512h a = _mm512_castsi512_ph(_mm512_set1_epi32(pair));
        left[r] = _mm512_fmadd_ph(a, b0, left[r]);
        right[r] = _mm512_fmadd_ph(a, b1, right[r]);
      }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      _mm512_store_ph(halves + r * lanes, left[r]);
      _mm512_store_ph(halves + r * lanes + 32, right[r]);
    }
    for (int i = 0; i < rows * lanes; i += 32) add_half(sums + i, halves + i);
  }
}

// Adds the two lanes of each column; the row's sums move to its front.
KESS_FP16 KESS_INLINE void close_row(float *sums) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  for (int c = 0; c < KESS_F16_PANEL; c += 16) {
    __m512 low = _mm512_load_ps(sums + 2 * c), high = _mm512_load_ps(sums + 2 * c + 16);
    __m512 joined = _mm512_add_ps(
        _mm512_permutex2var_ps(low, even, high), _mm512_permutex2var_ps(low, odd, high));
    _mm512_store_ps(sums + c, joined);
  }
}

#define KESS_TARGET KESS_FP16
#define KESS_INPUT uint16_t
#define KESS_WEIGHT uint16_t
#define KESS_PANEL KESS_F16_PANEL
#define KESS_ROW_SUMS lanes
#include "panel_loops.h"

KESS_FP16 void kess_f16_linear(
    const uint16_t *input, const uint16_t *panels, float *output, long rows, long inputs,
    long outputs, const struct kess_finish *finish) {
  panel_blocks(input, panels, output, rows, inputs, outputs, finish);
}

KESS_FP16 void kess_f16_pack(
    const float *weight, uint16_t *panels, long inputs, long outputs) {
  long even = (inputs + 1) & ~1L;
  memset(panels, 0, (outputs + KESS_F16_PANEL - 1) / KESS_F16_PANEL * KESS_F16_PANEL * even * 2);
  for (long row = 0; row < outputs; row++) {
    uint16_t *panel = panels + row / KESS_F16_PANEL * KESS_F16_PANEL * even;
    long column = row % KESS_F16_PANEL;
    for (long k = 0; k < inputs; k += 16) {
      uint16_t halves[16];
      kess_convert_to_f16(weight + row * inputs + k, halves, inputs - k < 16 ? inputs - k : 16);
      for (long i = 0; i < 16 && k + i < inputs; i++) {
        panel[((k + i) / 2 * KESS_F16_PANEL + column) * 2 + i % 2] = halves[i];
      }
    }
  }
}

#endif
