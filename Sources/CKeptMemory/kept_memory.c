#include "include/CKeptMemory.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>

// Before `main`: a thread keeps the pool that it began with.
__attribute__((constructor)) static void keep_freed_memory(void) {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
}
#endif
