// Loops over libtorch's own threads. This target is compiled without OpenMP, where `at::parallel_for` is a plain loop;
// the team is asked for by libgomp's entry point, which libtorch has loaded.
#pragma once
#include <cstdint>
#include <functional>

namespace vitrail {

/// libgomp's entry into a parallel region; nullptr where libtorch's threads are others.
using GompParallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
GompParallel gomp_parallel();

/// Calls `body(begin, end)` for parts of 0..<count of at least `grain` items, on as many threads as an operator may use;
/// in one part where that is fewer than two, or where the caller is such a part itself. `body` must not throw.
void parallel_for(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

}  // namespace vitrail
