#ifndef KESS_CCRYPTO_SHIM_H
#define KESS_CCRYPTO_SHIM_H

// SHA-256 and SHA-1 by libcrypto's digest interface: the library picks the processor's own
// hash instructions. libcurl loads it anyway.
#include <openssl/evp.h>

#endif
