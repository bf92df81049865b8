// The CPU allocator that keeps its pages; see Allocator.cpp.
#pragma once
#include "ctorch_device.h"

namespace vitrail {

vt_memory cpu_memory();
void reset_cpu_peak();
int64_t cpu_requests();
void fail_cpu_request(int64_t request);
void release_cached_cpu_memory();

}  // namespace vitrail
