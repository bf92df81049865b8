// The same two phases as in TrustRatio.cpp by libtorch's own operators over whole buffers, for devices without the kernel.
// Every parameter begins at a multiple of 64 bytes, and so has blocks of that length for itself.
#include "flat.h"

namespace {

using vitrail::MaybeTensor;

int64_t block_length(const at::Tensor& x) { return 64 / x.element_size(); }

at::Tensor blocks(const at::Tensor& x) {
  TORCH_CHECK(
      x.dim() == 1 && x.numel() % block_length(x) == 0, "a slice of flat memory is whole blocks of 64 bytes, got ",
      x.scalar_type(), x.sizes());
  return x.view({-1, block_length(x)});
}

void segment_squares_elsewhere(const at::Tensor& x, const at::Tensor& bounds, const at::Tensor& into) {
  auto sums = at::linalg_vector_norm(blocks(x), 2, at::IntArrayRef{1}, false, at::kDouble).square();
  auto offsets = bounds.div(block_length(x), "floor");
  into.copy_(at::segment_reduce(sums, "sum", {}, {}, offsets, 0, /*unsafe=*/true, /*initial=*/0.0));
}

/// A number of each parameter, for each of its blocks: [blocks, 1].
at::Tensor spread(const at::Tensor& numbers, const at::Tensor& bounds, const at::Tensor& like) {
  auto starts = at::arange(0, like.numel(), block_length(like), bounds.options());
  auto owners = at::searchsorted(bounds, starts, /*out_int32=*/false, /*right=*/true).sub_(1);
  return numbers.to(like.scalar_type()).index_select(0, owners).unsqueeze(1);
}

void lamb_update_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
    const at::Tensor& norms, const at::Tensor& bounds, const at::Tensor& count, double beta1, double beta2, double eps,
    double weight_decay, bool bias_correction, double max_grad_norm, const MaybeTensor& gradient_squares,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor);
  if (gradient_squares) {
    auto norm = vitrail::divided(gradient_squares->sum().sqrt(), divisor);
    gradient = gradient / norm.div(max_grad_norm).clamp_min(1).to(gradient.scalar_type());
  }
  auto mean = exp_avg.lerp(gradient, 1 - beta1);
  auto square = (exp_avg_sq * beta2).addcmul_(gradient, gradient, 1 - beta2);
  vitrail::keep(exp_avg, mean, found_inf);
  vitrail::keep(exp_avg_sq, square, found_inf);
  square.sqrt_();
  if (bias_correction) {
    square.div_(vitrail::correction(beta2, count).sqrt_());
    mean.div_(vitrail::correction(beta1, count));
  }
  // Also where nothing changes: what lies between parameters stays 0.
  vitrail::keep(gradients, mean.div_(square.add_(eps)).add_(values, weight_decay), found_inf);
  segment_squares_elsewhere(values, bounds, norms.select(0, 0));
  segment_squares_elsewhere(gradients, bounds, norms.select(0, 1));
}

void lamb_apply_elsewhere(
    const at::Tensor& values, const at::Tensor& update, const at::Tensor& norms, const at::Tensor& bounds,
    double learning_rate, bool adapts, double max_ratio, const MaybeTensor& found_inf) {
  auto change = update;
  if (adapts) {
    auto ratio = norms.select(0, 0).div(norms.select(0, 1)).sqrt_().clamp_max_(max_ratio);
    ratio = at::where(norms.gt(0).all(0), ratio, at::ones_like(ratio));
    change = (blocks(update) * spread(ratio, bounds, update)).view(-1);
  }
  vitrail::keep(values, values.sub(change, learning_rate), found_inf);
}

void lars_apply_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const MaybeTensor& momentum_buffer, const at::Tensor& norms,
    const at::Tensor& bounds, const at::Tensor& count, double learning_rate, double momentum, double dampening,
    bool nesterov, double weight_decay, double trust_coefficient, double eps, bool adapts, bool trust_clip,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor).add(values, weight_decay);
  if (adapts) {
    auto weight = norms.select(0, 0).sqrt(), slope = vitrail::divided(norms.select(0, 1).sqrt(), divisor);
    auto ratio = weight.mul(trust_coefficient).div_(slope.add(weight, weight_decay).add_(eps));
    ratio = at::where(norms.gt(0).all(0), ratio, at::ones_like(ratio));
    if (trust_clip) ratio.div_(learning_rate).clamp_max_(1);
    gradient = (blocks(gradient) * spread(ratio, bounds, gradient)).view(-1);
  }
  if (momentum_buffer) {
    auto later = (*momentum_buffer * momentum).add_(gradient, 1 - dampening);
    auto mean = at::where(count.eq(1), gradient, later);
    vitrail::keep(*momentum_buffer, mean, found_inf);
    gradient = nesterov ? gradient.add(mean, momentum) : mean;
  }
  vitrail::keep(values, values.sub(gradient, learning_rate), found_inf);
}

const char* kSegmentSquares = "(Tensor x, Tensor bounds, Tensor(a!) into) -> ()";
const char* kLambUpdate =
    "(Tensor values, Tensor(a!) gradients, Tensor(b!) exp_avg, Tensor(c!) exp_avg_sq, Tensor(d!) norms, Tensor bounds, "
    "Tensor count, float beta1, float beta2, float eps, float weight_decay, bool bias_correction, float max_grad_norm, "
    "Tensor? gradient_squares, Tensor? divisor, Tensor? found_inf) -> ()";
const char* kLambApply =
    "(Tensor(a!) values, Tensor update, Tensor norms, Tensor bounds, float learning_rate, bool adapts, float max_ratio, "
    "Tensor? found_inf) -> ()";
const char* kLarsApply =
    "(Tensor(a!) values, Tensor gradients, Tensor(b!)? momentum_buffer, Tensor norms, Tensor bounds, Tensor count, "
    "float learning_rate, float momentum, float dampening, bool nesterov, float weight_decay, float trust_coefficient, "
    "float eps, bool adapts, bool trust_clip, Tensor? divisor, Tensor? found_inf) -> ()";

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  vitrail::define_step(library, "segment_squares_", kSegmentSquares, segment_squares_elsewhere);
  vitrail::define_step(library, "lamb_update_", kLambUpdate, lamb_update_elsewhere);
  vitrail::define_step(library, "lamb_apply_", kLambApply, lamb_apply_elsewhere);
  vitrail::define_step(library, "lars_apply_", kLarsApply, lars_apply_elsewhere);
}
