#include "parallel.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <atomic>
#include <dlfcn.h>

namespace vitrail {

GompParallel gomp_parallel() {
  static auto found = reinterpret_cast<GompParallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  return found;
}

namespace {

struct Work {
  const std::function<void(int64_t, int64_t)>& body;
  int64_t count, parts;
  std::atomic<int64_t> next{0};
};

/// Takes parts until there is none left: how many threads libgomp spared does not matter.
void work(void* data) {
  auto& work = *static_cast<Work*>(data);
  int64_t share = (work.count + work.parts - 1) / work.parts;
  for (int64_t part = work.next++; part < work.parts; part = work.next++) {
    int64_t begin = std::min(part * share, work.count), end = std::min(begin + share, work.count);
    if (begin < end) work.body(begin, end);
  }
}

}  // namespace

void parallel_for(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= 0) return;
  int64_t parts = std::min<int64_t>(at::get_num_threads(), (count + grain - 1) / grain);
  if (parts < 2 || at::in_parallel_region() || gomp_parallel() == nullptr) {
    body(0, count);
    return;
  }
  Work shared{body, count, parts};
  gomp_parallel()(work, &shared, static_cast<unsigned>(parts), 0);
}

}  // namespace vitrail
