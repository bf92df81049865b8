// Which 16-bit types autocast can compute a vision transformer in: found by running its operators once, forward and
// backward, because libtorch says of none beforehand whether it has a kernel for a type.
#include "ctorch_autograd.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>

using namespace vitrail;

namespace {

/// Puts the thread's modes back, whatever happens.
struct AutocastScope {
  c10::DeviceType device;
  bool was_enabled;
  at::ScalarType before;
  c10::AutoGradMode gradients{true};

  AutocastScope(c10::DeviceType device, at::ScalarType dtype)
      : device(device),
        was_enabled(at::autocast::is_autocast_enabled(device)),
        before(at::autocast::get_autocast_dtype(device)) {
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::set_autocast_dtype(device, dtype);
  }

  ~AutocastScope() {
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device, was_enabled);
    at::autocast::set_autocast_dtype(device, before);
  }
};

/// Patches, a block and a head, small, from constants: no random generator moves.
at::Tensor tiny_transformer(const std::vector<at::Tensor>& weights) {
  static auto linear = c10::Dispatcher::singleton()
                           .findSchemaOrThrow("vitrail::linear", "")
                           .typed<at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&)>();
  static auto attention = c10::Dispatcher::singleton()
                              .findSchemaOrThrow("vitrail::attention", "")
                              .typed<at::Tensor(const at::Tensor&, int64_t)>();
  auto images = at::full({2, 3, 8, 8}, 0.5, weights[0].options().requires_grad(false));
  auto x = at::conv2d(images, weights[0], {}, {4, 4}).flatten(2).transpose(1, 2);
  x = at::layer_norm(x, {8}, weights[1], weights[1]);
  auto qkv = linear.call(x, weights[2], {});
  x = x + attention.call(qkv, 2);
  auto parts = qkv.view({2, 4, 3, 2, 4}).permute({2, 0, 3, 1, 4}).unbind();
  auto sdpa = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0.0);
  x = x + sdpa.transpose(1, 2).reshape({2, 4, 8});
  x = at::gelu(linear.call(x, weights[3], weights[1]));
  return linear.call(at::tanh(x.mean({1})), weights[3], weights[1]);
}

}  // namespace

extern "C" vt_status vt_autocast_probe(vt_device device, vt_dtype dtype, bool* works) {
  return guard([&] {
    *works = false;
    try {
      AutocastScope scope(vitrail::device(device).type(), scalar_type(dtype));
      auto options = at::TensorOptions().dtype(at::kFloat).device(vitrail::device(device));
      std::vector<at::Tensor> weights = {
          at::full({8, 3, 4, 4}, 0.01, options), at::ones({8}, options), at::full({24, 8}, 0.1, options),
          at::full({8, 8}, 0.1, options)};
      for (auto& weight : weights) weight.requires_grad_(true);
      auto loss = tiny_transformer(weights).to(at::kFloat).sum();
      loss.backward();
      bool all = at::isfinite(loss).item<bool>();
      for (auto& weight : weights) all = all && weight.grad().defined() && at::isfinite(weight.grad()).all().item<bool>();
      *works = all;
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error&) {
      // No kernel for the type.
    }
  });
}
