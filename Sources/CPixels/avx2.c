#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(loop) cpixels_##loop##_avx2
#include "kernels.h"
#pragma clang attribute pop
#endif
