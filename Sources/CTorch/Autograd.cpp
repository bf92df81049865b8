#include "ctorch_autograd.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <memory>
#include <torch/csrc/autograd/engine.h>

using namespace vitrail;

namespace {

struct EngineQueue : torch::autograd::Engine {
  using Engine::init_local_ready_queue;
};

/// What a failed backward pass had still to do stays in the engine's queue of this thread, with all the memory that it
/// holds, until a later pass comes by: a new queue lets go of it.
void drop_failed_pass() {
  auto& engine = torch::autograd::Engine::get_default_engine();
  (engine.*&EngineQueue::init_local_ready_queue)(std::make_shared<torch::autograd::ReadyQueue>());
}

}  // namespace

extern "C" {

vt_status vt_backward(vt_tensor root, vt_tensor gradient, bool retain_graph) {
  return guard([&] {
    const at::Tensor seed = gradient.impl ? tensor(gradient) : at::Tensor();
    try {
      tensor(root).backward(seed, retain_graph);
    } catch (...) {
      drop_failed_pass();
      throw;
    }
  });
}

vt_status vt_requires_grad(vt_tensor handle, bool* out) {
  return guard([&] { *out = tensor(handle).requires_grad(); });
}

vt_status vt_set_requires_grad(vt_tensor handle, bool value) {
  return guard([&] { tensor(handle).requires_grad_(value); });
}

vt_status vt_grad(vt_tensor handle, vt_tensor* out) {
  return guard([&] {
    const at::Tensor& gradient = tensor(handle).grad();
    *out = gradient.defined() ? wrap(gradient) : vt_tensor{nullptr};
  });
}

vt_status vt_set_grad(vt_tensor handle, vt_tensor gradient) {
  return guard([&] { tensor(handle).mutable_grad() = gradient.impl ? tensor(gradient) : at::Tensor(); });
}

vt_status vt_set_data(vt_tensor handle, vt_tensor data) {
  return guard([&] {
    TORCH_CHECK(
        tensor(handle).sizes() == tensor(data).sizes(), "memory of shape ", tensor(data).sizes(),
        " cannot stand behind a tensor of shape ", tensor(handle).sizes());
    tensor(handle).set_data(tensor(data));
  });
}

bool vt_is_same(vt_tensor a, vt_tensor b) {
  return a.impl != nullptr && b.impl != nullptr && tensor(a).is_same(tensor(b));
}

bool vt_grad_mode(void) { return c10::GradMode::is_enabled(); }

void vt_set_grad_mode(bool enabled) { c10::GradMode::set_enabled(enabled); }

// Modes of the thread outlive a failure: they are read and put back while it is pending.
vt_status vt_autocast(int32_t type, bool* enabled, vt_dtype* dtype) {
  return guard_always([&] {
    auto device = device_type(type);
    *enabled = at::autocast::is_autocast_enabled(device);
    *dtype = dtype_of(at::autocast::get_autocast_dtype(device));
  });
}

vt_status vt_set_autocast(int32_t type, bool enabled, vt_dtype dtype) {
  return guard_always([&] {
    auto device = device_type(type);
    auto cast = scalar_type(dtype);
    TORCH_CHECK(cast == at::kBFloat16 || cast == at::kHalf, "autocast takes bfloat16 or float16, got ", cast);
    at::autocast::set_autocast_enabled(device, enabled);
    at::autocast::set_autocast_dtype(device, cast);
    // Casts of weights are cached only for the length of one scope: the weights change after it.
    at::autocast::clear_cache();
  });
}
}
