// A part of the graph that keeps only its input: the backward pass computes it again.
#include "ctorch_autograd.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <c10/core/GradMode.h>
#include <memory>
#include <optional>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>
#include <utility>

using namespace vitrail;

namespace {

/// The caller's computation, released once.
class Computation {
 public:
  explicit Computation(vt_recomputation given) : given_(given) {}
  Computation(Computation&& other) noexcept : given_(std::exchange(other.given_, {})) {}
  Computation& operator=(Computation&&) = delete;
  ~Computation() {
    if (given_.release != nullptr) given_.release(given_.context);
  }

  /// Throws what failed inside. The backward pass of a GPU runs on the engine's thread, which is in no recovering scope:
  /// this one is its own, and the exception brings the failure to the thread that waits.
  at::Tensor operator()(const at::Tensor& input) {
    at::Tensor output;
    const vt_tensor handle = wrap(input);
    vt_recovering_begin();
    {
      at::AutoGradMode with_gradients(true);
      given_.call(given_.context, handle, &output);
    }
    const vt_status status = vt_recovering_end();
    if (status == VT_OUT_OF_MEMORY) TORCH_CHECK_WITH(OutOfMemoryError, false, failures().last);
    TORCH_CHECK(status == VT_OK, failures().last);
    return output;
  }

 private:
  vt_recomputation given_;
};

struct Recomputed : torch::autograd::Node {
  std::optional<Computation> computation;
  torch::autograd::SavedVariable input;

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TORCH_CHECK(computation.has_value(), "a second backward pass needs retainingGraph in the first one");
    RECORD_USER_SCOPE("recompute");
    const at::Tensor gradient = std::move(gradients[0]);
    if (!gradient.defined()) return {at::Tensor()};
    at::Tensor again = input.unpack().detach();
    again.requires_grad_(task_should_compute_output(0));
    {
      at::Tensor output = (*computation)(again);
      // A backward pass inside of the one that runs: it adds to the gradients of parameters, and calls their hooks.
      if (output.requires_grad()) output.backward(gradient);
    }
    return {again.grad()};
  }

  void release_variables() override {
    computation.reset();
    input.reset_data();
  }

  std::string name() const override { return "Recomputed"; }
};

}  // namespace

extern "C" {

vt_status vt_recomputed(vt_tensor input, vt_tensor output, vt_recomputation given, vt_tensor* out) {
  Computation computation(given);
  return guard([&] {
    auto made = std::make_unique<Recomputed>();
    made->computation.emplace(std::move(computation));
    made->input = torch::autograd::SavedVariable(tensor(input), false);
    made->set_next_edges(torch::autograd::collect_next_edges(tensor(input)));
    // A shared pointer up to libtorch 2.12, an intrusive one in 2.13: whichever the graph's edges have.
    const decltype(torch::autograd::Edge::function) node(std::unique_ptr<torch::autograd::Node>(std::move(made)));
    at::Tensor result = tensor(output).detach();
    torch::autograd::set_history(result, node);
    *out = wrap(std::move(result));
  });
}

vt_status vt_recomputed_output(vt_tensor output, void* result) {
  return guard([&] { *static_cast<at::Tensor*>(result) = tensor(output); });
}
}
