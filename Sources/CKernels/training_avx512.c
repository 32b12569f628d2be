#if defined(__x86_64__)

#define KESS_LOOPS kess_training_loops_avx512
#define KESS_LOOPS_NAME "avx512f"
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)
#include "training_loops_body.h"
#pragma clang attribute pop

#endif
