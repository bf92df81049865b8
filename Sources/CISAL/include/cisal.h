// The one function of ISA-L that Vitrail needs: CRC-32C (Castagnoli), as record files use it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The CRC-32C of `length` bytes, with the usual complement before and after; 0 for no bytes.
uint32_t cisal_crc32c(const void *bytes, size_t length);

// The CRC-32C of what had the CRC-32C `crc`, followed by `length` bytes.
uint32_t cisal_crc32c_extend(uint32_t crc, const void *bytes, size_t length);
