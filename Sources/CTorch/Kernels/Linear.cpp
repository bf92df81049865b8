// vitrail::linear: y = x wT + b, with the forward and both gradient products through the product backend in force.
//
// x [..., in], weight [out, in], bias [out] or none, result [..., out]. Devices other than the CPU take aten::linear.
#include "products.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace {

using Optional = std::optional<at::Tensor>;

at::Tensor linear_cpu(const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
  if (!vitrail::products_through_onednn(x)) return at::linear(x, weight, bias);
  static auto pointwise = c10::Dispatcher::singleton()
                              .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                              .typed<at::Tensor(
                                  const at::Tensor&, const at::Tensor&, const Optional&, std::string_view,
                                  c10::List<std::optional<at::Scalar>>, std::optional<std::string_view>)>();
  return pointwise.call(x.contiguous(), weight.contiguous(), bias, "none", c10::List<std::optional<at::Scalar>>(), "");
}

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(
      torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x, weight});
    context->saved_data["has_bias"] = bias.has_value();
    return linear_cpu(x, weight, bias);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto& x = saved[0];
    const auto& weight = saved[1];
    auto rows = gradients[0].reshape({-1, gradients[0].size(-1)});
    at::Tensor x_gradient, weight_gradient, bias_gradient;
    if (context->needs_input_grad(0)) x_gradient = vitrail::product(rows, weight).view(x.sizes());
    if (context->needs_input_grad(1)) {
      weight_gradient = vitrail::product(rows.t(), x.reshape({-1, x.size(-1)}));
    }
    if (context->saved_data["has_bias"].toBool() && context->needs_input_grad(2)) bias_gradient = rows.sum(0);
    return {x_gradient, weight_gradient, bias_gradient};
  }
};

at::Tensor linear_autograd(const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
  // libtorch's own formula is the faster one wherever its own product is taken.
  if (!vitrail::products_through_onednn(x)) return at::linear(x, weight, bias);
  return Linear::apply(x, weight, bias);
}

/// Without this, autocast would silently skip the operator.
at::Tensor linear_autocast(const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
  return at::linear(x, weight, bias);
}

at::Tensor linear_elsewhere(const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
  return at::linear(x, weight, bias);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  library.def("linear(Tensor x, Tensor weight, Tensor? bias=None) -> Tensor", linear_elsewhere);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) { library.impl("linear", linear_cpu); }
TORCH_LIBRARY_IMPL(vitrail, AutogradCPU, library) { library.impl("linear", linear_autograd); }
TORCH_LIBRARY_IMPL(vitrail, AutocastCPU, library) { library.impl("linear", linear_autocast); }
