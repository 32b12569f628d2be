#ifndef KESS_COPENBLAS_SHIM_H
#define KESS_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
