// The steps of Lion (Chen et al. 2023, arXiv:2302.06675), NAdamW (Dozat 2016; as timm's) and Adan (Xie et al. 2022,
// arXiv:2208.06677) over flat memory: each element by itself, and so over any slice.
#include "flat.h"

namespace {

using vitrail::MaybeTensor;

template <class T>
struct Lion {
  T divisor, ahead, mean_weight, kept, rate;
};

template <class T>
VT_INLINE void lion_loop(T* __restrict p, const T* __restrict g, T* __restrict m, int64_t count, const Lion<T>& k) {
  for (int64_t i = 0; i < count; ++i) {
    T gradient = g[i] / k.divisor;
    T update = vitrail::lerp(m[i], gradient, k.ahead);
    T sign = static_cast<T>((update > 0) - (update < 0));
    p[i] = p[i] * k.kept - k.rate * sign;
    m[i] = vitrail::lerp(m[i], gradient, k.mean_weight);
  }
}
VT_CLONES void lion(float* p, const float* g, float* m, int64_t count, const Lion<float>& k) {
  lion_loop(p, g, m, count, k);
}
VT_CLONES void lion(double* p, const double* g, double* m, int64_t count, const Lion<double>& k) {
  lion_loop(p, g, m, count, k);
}

void lion_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, double learning_rate,
    double beta1, double beta2, double weight_decay, const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, exp_avg});
  if (vitrail::is_skipped(found_inf)) return;
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "lion", [&] {
    Lion<scalar_t> k;
    k.divisor = static_cast<scalar_t>(vitrail::divisor_of(divisor));
    k.ahead = static_cast<scalar_t>(1 - beta1);
    k.mean_weight = static_cast<scalar_t>(1 - beta2);
    k.kept = static_cast<scalar_t>(1 - learning_rate * weight_decay);
    k.rate = static_cast<scalar_t>(learning_rate);
    auto *p = values.data_ptr<scalar_t>(), *m = exp_avg.data_ptr<scalar_t>();
    const auto* g = gradients.const_data_ptr<scalar_t>();
    vitrail::for_elements(values.numel(), [&](int64_t begin, int64_t end) {
      lion(p + begin, g + begin, m + begin, end - begin, k);
    });
  });
}

void lion_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, double learning_rate,
    double beta1, double beta2, double weight_decay, const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor);
  auto change = exp_avg.lerp(gradient, 1 - beta1).sign_();
  vitrail::keep(values, (values * (1 - learning_rate * weight_decay)).sub_(change, learning_rate), found_inf);
  vitrail::keep(exp_avg, exp_avg.lerp(gradient, 1 - beta2), found_inf);
}

template <class T>
struct NAdamW {
  T divisor, mean_weight, beta2, square_weight, root2, eps, kept, rate;
};

template <class T>
VT_INLINE void nadamw_loop(
    T* __restrict p, const T* __restrict g, T* __restrict m, T* __restrict v, int64_t count, const NAdamW<T>& k) {
  for (int64_t i = 0; i < count; ++i) {
    T gradient = g[i] / k.divisor;
    T mean = vitrail::lerp(m[i], gradient, k.mean_weight);
    T square = v[i] * k.beta2 + k.square_weight * gradient * gradient;
    m[i] = mean;
    v[i] = square;
    p[i] = p[i] * k.kept -
           k.rate * vitrail::lerp(mean, gradient, k.mean_weight) / (vitrail::root(square) / k.root2 + k.eps);
  }
}
VT_CLONES void nadamw(float* p, const float* g, float* m, float* v, int64_t count, const NAdamW<float>& k) {
  nadamw_loop(p, g, m, v, count, k);
}
VT_CLONES void nadamw(double* p, const double* g, double* m, double* v, int64_t count, const NAdamW<double>& k) {
  nadamw_loop(p, g, m, v, count, k);
}

void nadamw_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
    const at::Tensor& count, double learning_rate, double beta1, double beta2, double eps, double weight_decay,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, exp_avg, exp_avg_sq});
  if (vitrail::is_skipped(found_inf)) return;
  double steps = vitrail::scalar_of(count);
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "nadamw", [&] {
    NAdamW<scalar_t> k;
    k.divisor = static_cast<scalar_t>(vitrail::divisor_of(divisor));
    k.mean_weight = static_cast<scalar_t>(1 - beta1);
    k.beta2 = static_cast<scalar_t>(beta2);
    k.square_weight = static_cast<scalar_t>(1 - beta2);
    k.root2 = static_cast<scalar_t>(std::sqrt(1 - std::pow(beta2, steps)));
    k.eps = static_cast<scalar_t>(eps);
    k.kept = static_cast<scalar_t>(1 - learning_rate * weight_decay);
    k.rate = static_cast<scalar_t>(learning_rate / (1 - std::pow(beta1, steps)));
    auto *p = values.data_ptr<scalar_t>(), *m = exp_avg.data_ptr<scalar_t>(), *v = exp_avg_sq.data_ptr<scalar_t>();
    const auto* g = gradients.const_data_ptr<scalar_t>();
    vitrail::for_elements(values.numel(), [&](int64_t begin, int64_t end) {
      nadamw(p + begin, g + begin, m + begin, v + begin, end - begin, k);
    });
  });
}

void nadamw_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
    const at::Tensor& count, double learning_rate, double beta1, double beta2, double eps, double weight_decay,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor);
  auto mean = exp_avg.lerp(gradient, 1 - beta1);
  auto square = (exp_avg_sq * beta2).addcmul_(gradient, gradient, 1 - beta2);
  vitrail::keep(exp_avg, mean, found_inf);
  vitrail::keep(exp_avg_sq, square, found_inf);
  auto below = square.sqrt_().div_(vitrail::correction(beta2, count).sqrt_()).add_(eps);
  auto change = mean.lerp_(gradient, 1 - beta1).div_(below).div_(vitrail::correction(beta1, count));
  vitrail::keep(values, (values * (1 - learning_rate * weight_decay)).sub_(change, learning_rate), found_inf);
}

template <class T>
struct Adan {
  T divisor, mean_weight, beta2, difference_weight, beta3, square_weight, root3, eps, kept, rate, difference_rate;
  T lessened;
  bool is_first;
};

template <class T>
VT_INLINE void adan_loop(
    T* __restrict p, const T* __restrict g, T* __restrict m, T* __restrict d, T* __restrict v, T* __restrict before,
    int64_t count, const Adan<T>& k) {
  T has_difference = k.is_first ? 0 : 1;
  for (int64_t i = 0; i < count; ++i) {
    T gradient = g[i] / k.divisor;
    T difference = has_difference * (gradient + before[i]);
    T mean = vitrail::lerp(m[i], gradient, k.mean_weight);
    T slope = d[i] * k.beta2 + k.difference_weight * difference;
    T ahead = gradient + k.beta2 * difference;
    T square = v[i] * k.beta3 + k.square_weight * ahead * ahead;
    T below = vitrail::root(square) / k.root3 + k.eps;
    m[i] = mean;
    d[i] = slope;
    v[i] = square;
    before[i] = -gradient;
    p[i] = (p[i] * k.kept - k.rate * mean / below - k.difference_rate * slope / below) / k.lessened;
  }
}
VT_CLONES void adan(
    float* p, const float* g, float* m, float* d, float* v, float* before, int64_t count, const Adan<float>& k) {
  adan_loop(p, g, m, d, v, before, count, k);
}
VT_CLONES void adan(
    double* p, const double* g, double* m, double* d, double* v, double* before, int64_t count,
    const Adan<double>& k) {
  adan_loop(p, g, m, d, v, before, count, k);
}

void adan_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_diff,
    const at::Tensor& exp_avg_sq, const at::Tensor& neg_pre_grad, const at::Tensor& count, double learning_rate,
    double beta1, double beta2, double beta3, double eps, double weight_decay, bool proximal,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad});
  if (vitrail::is_skipped(found_inf)) return;
  double steps = vitrail::scalar_of(count), decay = learning_rate * weight_decay;
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "adan", [&] {
    Adan<scalar_t> k;
    k.divisor = static_cast<scalar_t>(vitrail::divisor_of(divisor));
    k.mean_weight = static_cast<scalar_t>(1 - beta1);
    k.beta2 = static_cast<scalar_t>(beta2);
    k.difference_weight = static_cast<scalar_t>(1 - beta2);
    k.beta3 = static_cast<scalar_t>(beta3);
    k.square_weight = static_cast<scalar_t>(1 - beta3);
    k.root3 = static_cast<scalar_t>(std::sqrt(1 - std::pow(beta3, steps)));
    k.eps = static_cast<scalar_t>(eps);
    k.kept = static_cast<scalar_t>(proximal ? 1 : 1 - decay);
    k.lessened = static_cast<scalar_t>(proximal ? 1 + decay : 1);
    k.rate = static_cast<scalar_t>(learning_rate / (1 - std::pow(beta1, steps)));
    k.difference_rate = static_cast<scalar_t>(learning_rate * beta2 / (1 - std::pow(beta2, steps)));
    k.is_first = steps == 1;
    auto *p = values.data_ptr<scalar_t>(), *m = exp_avg.data_ptr<scalar_t>(), *v = exp_avg_sq.data_ptr<scalar_t>();
    auto *d = exp_avg_diff.data_ptr<scalar_t>(), *before = neg_pre_grad.data_ptr<scalar_t>();
    const auto* g = gradients.const_data_ptr<scalar_t>();
    vitrail::for_elements(values.numel(), [&](int64_t begin, int64_t end) {
      adan(p + begin, g + begin, m + begin, d + begin, v + begin, before + begin, end - begin, k);
    });
  });
}

void adan_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_diff,
    const at::Tensor& exp_avg_sq, const at::Tensor& neg_pre_grad, const at::Tensor& count, double learning_rate,
    double beta1, double beta2, double beta3, double eps, double weight_decay, bool proximal,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto gradient = vitrail::divided(gradients, divisor);
  auto sum = gradient + neg_pre_grad;
  auto difference = at::where(count.eq(1), at::zeros_like(sum), sum);
  auto mean = exp_avg.lerp(gradient, 1 - beta1);
  auto slope = (exp_avg_diff * beta2).add_(difference, 1 - beta2);
  auto ahead = gradient.add(difference, beta2);
  auto square = (exp_avg_sq * beta3).addcmul_(ahead, ahead, 1 - beta3);
  vitrail::keep(exp_avg, mean, found_inf);
  vitrail::keep(exp_avg_diff, slope, found_inf);
  vitrail::keep(exp_avg_sq, square, found_inf);
  vitrail::keep(neg_pre_grad, gradient.neg(), found_inf);
  auto below = square.sqrt_().div_(vitrail::correction(beta3, count).sqrt_()).add_(eps);
  auto change = mean.div_(vitrail::correction(beta1, count)).div_(below);
  change.add_(slope.mul_(beta2).div_(vitrail::correction(beta2, count)).div_(below));
  double decay = learning_rate * weight_decay;
  auto fresh = (values * (proximal ? 1 : 1 - decay)).sub_(change, learning_rate).div_(proximal ? 1 + decay : 1);
  vitrail::keep(values, fresh, found_inf);
}

const char* kLion =
    "(Tensor(a!) values, Tensor gradients, Tensor(b!) exp_avg, float learning_rate, float beta1, float beta2, "
    "float weight_decay, Tensor? divisor, Tensor? found_inf) -> ()";
const char* kNAdamW =
    "(Tensor(a!) values, Tensor gradients, Tensor(b!) exp_avg, Tensor(c!) exp_avg_sq, Tensor count, "
    "float learning_rate, float beta1, float beta2, float eps, float weight_decay, Tensor? divisor, "
    "Tensor? found_inf) -> ()";
const char* kAdan =
    "(Tensor(a!) values, Tensor gradients, Tensor(b!) exp_avg, Tensor(c!) exp_avg_diff, Tensor(d!) exp_avg_sq, "
    "Tensor(e!) neg_pre_grad, Tensor count, float learning_rate, float beta1, float beta2, float beta3, float eps, "
    "float weight_decay, bool proximal, Tensor? divisor, Tensor? found_inf) -> ()";

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  vitrail::define_step(library, "lion_", kLion, lion_elsewhere);
  vitrail::define_step(library, "nadamw_", kNAdamW, nadamw_elsewhere);
  vitrail::define_step(library, "adan_", kAdan, adan_elsewhere);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) {
  library.impl("lion_", lion_cpu);
  library.impl("nadamw_", nadamw_cpu);
  library.impl("adan_", adan_cpu);
}
