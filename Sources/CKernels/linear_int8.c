// A linear layer in 8 bits that finishes its sums while they are in registers.
// oneDNN 2.6 reaches half of what AVX-512 VNNI can do here, and knows no scale a row.
#if defined(__x86_64__)

#include <string.h>

#include "finish_avx512.h"

#define KESS_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

// `rows` is a constant wherever this is inlined, so that sums stay in registers.
KESS_VNNI KESS_INLINE void tile(
    int rows, const uint8_t *input, const int8_t *panel, long inputs, float *sums) {
  __m512i left[KESS_TILE_ROWS], right[KESS_TILE_ROWS];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) left[r] = right[r] = _mm512_setzero_si512();
  KESS_ROW_GROUPS(at, input, inputs, rows);
  for (long k = 0; k < inputs; k += 4) {
    __m512i b0 = _mm512_loadu_si512(panel + k * KESS_INT8_PANEL);
    __m512i b1 = _mm512_loadu_si512(panel + k * KESS_INT8_PANEL + 64);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, at[r / 3] + k + r % 3 * inputs, sizeof four);
      __m512i a = _mm512_set1_epi32(four);
      left[r] = _mm512_dpbusd_epi32(left[r], a, b0);
      right[r] = _mm512_dpbusd_epi32(right[r], a, b1);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    _mm512_store_ps(sums + r * KESS_INT8_PANEL, _mm512_cvtepi32_ps(left[r]));
    _mm512_store_ps(sums + r * KESS_INT8_PANEL + 16, _mm512_cvtepi32_ps(right[r]));
  }
}

KESS_INLINE void close_row(float *sums) { (void)sums; }

#define KESS_TARGET KESS_VNNI
#define KESS_INPUT uint8_t
#define KESS_WEIGHT int8_t
#define KESS_PANEL KESS_INT8_PANEL
#define KESS_ROW_SUMS KESS_INT8_PANEL
#include "panel_loops.h"

KESS_VNNI void kess_int8_linear(
    const uint8_t *input, const int8_t *panels, float *output, long rows, long inputs,
    long outputs, const struct kess_finish *finish) {
  panel_blocks(input, panels, output, rows, inputs, outputs, finish);
}

void kess_int8_pack(const int8_t *numbers, int8_t *panels, long inputs, long outputs) {
  long whole = (inputs + 3) & ~3L;
  memset(panels, 0, (outputs + KESS_INT8_PANEL - 1) / KESS_INT8_PANEL * KESS_INT8_PANEL * whole);
  for (long row = 0; row < outputs; row++) {
    int8_t *panel = panels + row / KESS_INT8_PANEL * KESS_INT8_PANEL * whole;
    long column = row % KESS_INT8_PANEL;
    for (long k = 0; k < inputs; k += 4) {
      memcpy(
          panel + k * KESS_INT8_PANEL + column * 4, numbers + row * inputs + k,
          inputs - k < 4 ? inputs - k : 4);
    }
  }
}

#endif
