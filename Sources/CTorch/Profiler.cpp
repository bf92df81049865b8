#include "ctorch_profiler.h"

#include "guard.h"

#include <ATen/record_function.h>
#include <iostream>
#include <memory>
#include <set>
#include <torch/csrc/autograd/profiler_kineto.h>
#include <torch/csrc/profiler/orchestration/observer.h>

using namespace vitrail;
using namespace torch::autograd::profiler;
using namespace torch::profiler::impl;

namespace {

/// Whether this thread records.
thread_local bool is_recording = false;

/// The recorder tells of each start and stop on the error stream, whatever its log level is: not meant for users.
class QuietErrorStream {
 public:
  QuietErrorStream() : before_(std::cerr.rdbuf(nullptr)) {}
  ~QuietErrorStream() { std::cerr.rdbuf(before_); }
  QuietErrorStream(const QuietErrorStream&) = delete;
  QuietErrorStream& operator=(const QuietErrorStream&) = delete;

 private:
  std::streambuf* before_;
};

}  // namespace

extern "C" {

vt_status vt_profiler_start(bool cuda) {
  return guard([&] {
    TORCH_CHECK(!is_recording && !profilerEnabled(), "a profile is being recorded already");
    QuietErrorStream quiet;
    ProfilerConfig config(ProfilerState::KINETO, /*report_input_shapes=*/true);
    std::set<ActivityType> activities{ActivityType::CPU};
    if (cuda) activities.insert(ActivityType::CUDA);
    prepareProfiler(config, activities);
    enableProfiler(
        config, activities,
        {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION, at::RecordScope::USER_SCOPE});
    is_recording = true;
  });
}

vt_status vt_profiler_stop(const char* path) {
  // Even while a failure is pending: a record that nobody ends would grow with every operator.
  return guard_always([&] {
    TORCH_CHECK(is_recording, "no profile is being recorded on this thread");
    QuietErrorStream quiet;
    is_recording = false;
    auto result = disableProfiler();
    if (path) result->save(path);
  });
}

vt_status vt_span_begin(const char* name, size_t length, vt_span* out) {
  return guard_always([&] {
    *out = {nullptr};
    if (!is_recording) return;
    auto span = std::make_unique<at::RecordFunction>(at::RecordScope::USER_SCOPE);
    if (!span->isActive()) return;
    span->before(std::string(name, length));
    out->impl = span.release();
  });
}

void vt_span_end(vt_span span) {
  // Ending a span calls the recorder, which may throw.
  vt_status ignored = guard_always([&] { delete static_cast<at::RecordFunction*>(span.impl); });
  (void)ignored;
}
}
