#ifndef KESS_CONEDNN_SHIM_H
#define KESS_CONEDNN_SHIM_H

#include <dnnl.h>

#endif
