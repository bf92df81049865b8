#include "cisal.h"

#include <isa-l/crc.h>

// ISA-L takes the length as an int.
static const size_t maximum_chunk = (size_t)1 << 30;

uint32_t cisal_crc32c(const void *bytes, size_t length) { return cisal_crc32c_extend(0, bytes, length); }

uint32_t cisal_crc32c_extend(uint32_t crc, const void *bytes, size_t length) {
  unsigned char *next = (unsigned char *)bytes;
  crc = ~crc;
  while (length > 0) {
    size_t chunk = length < maximum_chunk ? length : maximum_chunk;
    crc = crc32_iscsi(next, (int)chunk, crc);
    next += chunk;
    length -= chunk;
  }
  return ~crc;
}
