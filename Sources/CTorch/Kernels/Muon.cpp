// The step of Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) for matrices in flat memory, in three parts: the
// update from gradients and momentum, which changes neither; its orthogonalisation, which takes memory; the step.
#include "flat.h"
#include "products.h"

namespace {

using vitrail::MaybeTensor;

template <class T>
struct Update {
  T divisor, mean_weight, own, ahead;
};

template <class T>
VT_INLINE void update_loop(
    const T* __restrict g, const T* __restrict m, T* __restrict u, int64_t count, const Update<T>& k) {
  for (int64_t i = 0; i < count; ++i) {
    T gradient = g[i] / k.divisor;
    u[i] = k.own * gradient + k.ahead * vitrail::lerp(m[i], gradient, k.mean_weight);
  }
}
VT_CLONES void fill_update(const float* g, const float* m, float* u, int64_t count, const Update<float>& k) {
  update_loop(g, m, u, count, k);
}
VT_CLONES void fill_update(const double* g, const double* m, double* u, int64_t count, const Update<double>& k) {
  update_loop(g, m, u, count, k);
}

void update_cpu(
    const at::Tensor& gradients, const at::Tensor& momentum_buffer, const at::Tensor& update, double momentum,
    bool nesterov, const MaybeTensor& divisor) {
  vitrail::check_flat(gradients, {momentum_buffer, update});
  AT_DISPATCH_FLOATING_TYPES(gradients.scalar_type(), "muon_update", [&] {
    Update<scalar_t> k;
    k.divisor = static_cast<scalar_t>(vitrail::divisor_of(divisor));
    k.mean_weight = static_cast<scalar_t>(1 - momentum);
    k.own = static_cast<scalar_t>(nesterov ? 1 - momentum : 0);
    k.ahead = static_cast<scalar_t>(nesterov ? momentum : 1);
    const auto *g = gradients.const_data_ptr<scalar_t>(), *m = momentum_buffer.const_data_ptr<scalar_t>();
    auto* u = update.data_ptr<scalar_t>();
    vitrail::for_elements(gradients.numel(), [&](int64_t begin, int64_t end) {
      fill_update(g + begin, m + begin, u + begin, end - begin, k);
    });
  });
}

void update_elsewhere(
    const at::Tensor& gradients, const at::Tensor& momentum_buffer, const at::Tensor& update, double momentum,
    bool nesterov, const MaybeTensor& divisor) {
  auto gradient = vitrail::divided(gradients, divisor);
  auto mean = momentum_buffer.lerp(gradient, 1 - momentum);
  update.copy_(nesterov ? gradient.lerp(mean, momentum) : mean);
}

/// Brings all singular values near 1 by Newton and Schulz's iteration with a polynomial of degree 5, and multiplies.
at::Tensor orthogonal(const at::Tensor& matrix, int64_t num_steps, at::ArrayRef<double> coefficients, bool halves) {
  bool is_tall = matrix.size(0) > matrix.size(1);
  auto x = (is_tall ? matrix.t() : matrix).to(halves ? at::kBFloat16 : matrix.scalar_type(), false, true);
  x = x.contiguous();
  // As torch.optim.Muon: the norm is at most 1 afterwards, and so is every singular value.
  x.div_(at::linalg_vector_norm(x).clamp_min_(1e-7));
  for (int64_t step = 0; step < num_steps; ++step) {
    auto gram = vitrail::product(x, x.t());
    auto change = vitrail::product(gram, gram).mul_(coefficients[2]).add_(gram, coefficients[1]);
    x = vitrail::product(change, x).add_(x, coefficients[0]);
  }
  return is_tall ? x.t() : x;
}

void orthogonalize(
    const at::Tensor& update, at::IntArrayRef starts, at::IntArrayRef rows, at::IntArrayRef columns,
    at::ArrayRef<double> scales, int64_t num_steps, at::ArrayRef<double> coefficients, bool halves) {
  TORCH_CHECK(
      starts.size() == rows.size() && rows.size() == columns.size() && columns.size() == scales.size() &&
          coefficients.size() == 3,
      "vitrail::orthogonalize_ takes as many starts, rows, columns and scales");
  for (size_t i = 0; i < starts.size(); ++i) {
    auto matrix = update.narrow(0, starts[i], rows[i] * columns[i]).view({rows[i], columns[i]});
    matrix.copy_(orthogonal(matrix, num_steps, coefficients, halves));
    matrix.mul_(scales[i]);
  }
}

template <class T>
struct Apply {
  T divisor, mean_weight, kept, rate;
};

template <class T>
VT_INLINE void apply_loop(
    T* __restrict p, const T* __restrict g, T* __restrict m, const T* __restrict u, int64_t count, const Apply<T>& k) {
  for (int64_t i = 0; i < count; ++i) {
    m[i] = vitrail::lerp(m[i], g[i] / k.divisor, k.mean_weight);
    p[i] = p[i] * k.kept - k.rate * u[i];
  }
}
VT_CLONES void apply(float* p, const float* g, float* m, const float* u, int64_t count, const Apply<float>& k) {
  apply_loop(p, g, m, u, count, k);
}
VT_CLONES void apply(double* p, const double* g, double* m, const double* u, int64_t count, const Apply<double>& k) {
  apply_loop(p, g, m, u, count, k);
}

void apply_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& momentum_buffer, const at::Tensor& update,
    double learning_rate, double momentum, double weight_decay, const MaybeTensor& divisor,
    const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, momentum_buffer, update});
  if (vitrail::is_skipped(found_inf)) return;
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "muon_apply", [&] {
    Apply<scalar_t> k;
    k.divisor = static_cast<scalar_t>(vitrail::divisor_of(divisor));
    k.mean_weight = static_cast<scalar_t>(1 - momentum);
    k.kept = static_cast<scalar_t>(1 - learning_rate * weight_decay);
    k.rate = static_cast<scalar_t>(learning_rate);
    auto *p = values.data_ptr<scalar_t>(), *m = momentum_buffer.data_ptr<scalar_t>();
    const auto *g = gradients.const_data_ptr<scalar_t>(), *u = update.const_data_ptr<scalar_t>();
    vitrail::for_elements(values.numel(), [&](int64_t begin, int64_t end) {
      apply(p + begin, g + begin, m + begin, u + begin, end - begin, k);
    });
  });
}

void apply_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& momentum_buffer, const at::Tensor& update,
    double learning_rate, double momentum, double weight_decay, const MaybeTensor& divisor,
    const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor);
  vitrail::keep(momentum_buffer, momentum_buffer.lerp(gradient, 1 - momentum), found_inf);
  vitrail::keep(values, (values * (1 - learning_rate * weight_decay)).sub_(update, learning_rate), found_inf);
}

const char* kUpdate =
    "(Tensor gradients, Tensor momentum_buffer, Tensor(a!) update, float momentum, bool nesterov, Tensor? divisor) -> ()";
const char* kApply =
    "(Tensor(a!) values, Tensor gradients, Tensor(b!) momentum_buffer, Tensor update, float learning_rate, "
    "float momentum, float weight_decay, Tensor? divisor, Tensor? found_inf) -> ()";

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  vitrail::define_step(library, "muon_update_", kUpdate, update_elsewhere);
  vitrail::define_step(library, "muon_apply_", kApply, apply_elsewhere);
  library.def(
      "orthogonalize_(Tensor(a!) update, int[] starts, int[] rows, int[] columns, float[] scales, int num_steps, "
      "float[] coefficients, bool halves) -> ()",
      orthogonalize);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) {
  library.impl("muon_update_", update_cpu);
  library.impl("muon_apply_", apply_cpu);
}
