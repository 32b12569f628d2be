#ifndef KESS_CZLIB_SHIM_H
#define KESS_CZLIB_SHIM_H

// The checksum of zip entries. crc32_z takes a size_t: an entry may exceed 4 GiB.
#include <zlib.h>

#endif
