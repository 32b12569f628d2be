#include "include/training_loops.h"

extern const struct kess_training_loops kess_training_loops_baseline;
#if defined(__x86_64__)
extern const struct kess_training_loops kess_training_loops_avx2;
extern const struct kess_training_loops kess_training_loops_avx512;
#endif

const struct kess_training_loops *const *kess_training_loops_all(int *count) {
  static const struct kess_training_loops *all[3];
  int found = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    all[found++] = &kess_training_loops_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    all[found++] = &kess_training_loops_avx2;
#endif
  all[found++] = &kess_training_loops_baseline;
  *count = found;
  return all;
}

const struct kess_training_loops *kess_training_loops_best(void) {
  int count;
  return kess_training_loops_all(&count)[0];
}
