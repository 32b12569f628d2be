// Arithmetic at the processor's greatest rate: independent multiply-adds in
// registers, no memory. What no matrix product can exceed.
#ifndef KESS_CPEAKS_H
#define KESS_CPEAKS_H

// Each returns how many multiplications and additions it did; the caller has made sure
// of the processor's features: AVX2 and FMA; AVX-512 F; and FP16, BF16 or VNNI besides.
double kess_peak_f32_avx2(long rounds);
double kess_peak_f32(long rounds);
double kess_peak_f16(long rounds);
double kess_peak_bf16(long rounds);
double kess_peak_int8(long rounds);

#endif
