// The CPU allocator that keeps its pages; see Allocator.cpp.
#pragma once
#include "ctorch_device.h"

namespace vitrail {

vt_memory cpu_memory();
void reset_cpu_peak();
void release_cached_cpu_memory();

}  // namespace vitrail
