// Loops compiled for several processors, of which the best is chosen when the program starts.
#pragma once

#if defined(__x86_64__) && defined(__clang__)
#define VT_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VT_CLONES
#endif

/// For the body of such a loop that is a template: clones cannot be.
#define VT_INLINE inline __attribute__((always_inline))
