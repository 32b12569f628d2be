#if defined(__x86_64__)

#define KESS_LOOPS kess_training_loops_avx2
#define KESS_LOOPS_NAME "avx2"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "training_loops_body.h"
#pragma clang attribute pop

#endif
