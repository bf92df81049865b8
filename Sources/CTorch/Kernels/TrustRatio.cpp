// The steps of LAMB (You et al. 2019, arXiv:1904.00962) and LARS (You et al. 2017, arXiv:1708.03888) over flat memory.
//
// Both scale a parameter's update by a ratio of norms over the whole parameter, and so are made in two phases: sums of
// squares of every parameter into a small float64 tensor [2, P], then the step itself. Between the two the sums of several
// slices may be added up. Sums are of float64, over chunks of a fixed length: the number of threads does not change a bit.
#include "flat.h"

#include <vector>

namespace {

using vitrail::MaybeTensor;

constexpr int64_t kLanes = 16;

template <class T>
VT_INLINE double sum_of_squares(const T* __restrict x, int64_t count) {
  double sums[kLanes] = {};
  int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      double value = static_cast<double>(x[i + lane]);
      sums[lane] += value * value;
    }
  }
  for (int64_t i = whole; i < count; ++i) sums[i - whole] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  double sum = 0;
  for (double each : sums) sum += each;
  return sum;
}

VT_CLONES double squares(const float* x, int64_t count) { return sum_of_squares(x, count); }
VT_CLONES double squares(const double* x, int64_t count) { return sum_of_squares(x, count); }

/// The chunks of all parameters: those of parameter p are first[p] ..< first[p + 1].
struct Chunks {
  const int64_t* bounds;
  std::vector<int64_t> first;

  Chunks(const at::Tensor& tensor, const at::Tensor& values) : bounds(tensor.const_data_ptr<int64_t>()) {
    TORCH_CHECK(
        tensor.dim() == 1 && tensor.numel() > 1 && bounds[0] == 0 && bounds[tensor.numel() - 1] == values.numel(),
        "the bounds of parameters do not span a buffer of ", values.numel());
    first.resize(static_cast<size_t>(tensor.numel()));
    for (size_t p = 0; p + 1 < first.size(); ++p) {
      first[p + 1] = first[p] + (bounds[p + 1] - bounds[p] + vitrail::kChunk - 1) / vitrail::kChunk;
    }
  }

  size_t num_parameters() const { return first.size() - 1; }

  /// Calls `body(parameter, chunk, begin, end)` for each chunk, on several threads.
  template <class Body>
  void for_each(Body&& body) const {
    vitrail::parallel_for(first.back(), 1, [&](int64_t begin, int64_t end) {
      auto p = static_cast<size_t>(std::upper_bound(first.begin(), first.end(), begin) - first.begin() - 1);
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        while (first[p + 1] <= chunk) ++p;
        int64_t start = bounds[p] + (chunk - first[p]) * vitrail::kChunk;
        body(p, chunk, start, std::min(start + vitrail::kChunk, bounds[p + 1]));
      }
    });
  }

  /// Adds up what each chunk of a parameter gave, in order.
  void add_up(const std::vector<double>& parts, at::TensorAccessor<double, 1> into) const {
    for (size_t p = 0; p < num_parameters(); ++p) {
      double sum = 0;
      for (int64_t chunk = first[p]; chunk < first[p + 1]; ++chunk) sum += parts[static_cast<size_t>(chunk)];
      into[static_cast<int64_t>(p)] = sum;
    }
  }
};

void segment_squares_cpu(const at::Tensor& x, const at::Tensor& bounds, const at::Tensor& into) {
  vitrail::check_flat(x, {});
  Chunks chunks(bounds, x);
  std::vector<double> parts(static_cast<size_t>(chunks.first.back()));
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "segment_squares", [&] {
    const auto* data = x.const_data_ptr<scalar_t>();
    chunks.for_each([&](size_t, int64_t chunk, int64_t begin, int64_t end) {
      parts[static_cast<size_t>(chunk)] = squares(data + begin, end - begin);
    });
  });
  chunks.add_up(parts, into.accessor<double, 1>());
}

/// What gradients are divided by, with a limit to their norm over all parameters, whose sums of squares are given.
double clipped_divisor(double divisor, const MaybeTensor& gradient_squares, double max_norm) {
  if (!gradient_squares) return divisor;
  double sum = 0;
  auto squares = gradient_squares->accessor<double, 1>();
  for (int64_t p = 0; p < squares.size(0); ++p) sum += squares[p];
  return divisor * std::max(1.0, std::sqrt(sum) / divisor / max_norm);
}

template <class T>
struct Lamb {
  T divisor, mean_weight, beta2, square_weight, correction1, root2, eps, decay;
};

/// Moments, and the update in place of the gradients.
template <class T>
VT_INLINE void lamb_loop(
    const T* __restrict p, T* __restrict g, T* __restrict m, T* __restrict v, int64_t count, const Lamb<T>& k) {
  for (int64_t i = 0; i < count; ++i) {
    T gradient = g[i] / k.divisor;
    T mean = vitrail::lerp(m[i], gradient, k.mean_weight);
    T square = v[i] * k.beta2 + k.square_weight * gradient * gradient;
    m[i] = mean;
    v[i] = square;
    g[i] = mean / k.correction1 / (vitrail::root(square) / k.root2 + k.eps) + k.decay * p[i];
  }
}

VT_CLONES void lamb(const float* p, float* g, float* m, float* v, int64_t count, const Lamb<float>& k) {
  lamb_loop(p, g, m, v, count, k);
}
VT_CLONES void lamb(const double* p, double* g, double* m, double* v, int64_t count, const Lamb<double>& k) {
  lamb_loop(p, g, m, v, count, k);
}

void lamb_update_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const at::Tensor& exp_avg, const at::Tensor& exp_avg_sq,
    const at::Tensor& norms, const at::Tensor& bounds, const at::Tensor& count, double beta1, double beta2, double eps,
    double weight_decay, bool bias_correction, double max_grad_norm, const MaybeTensor& gradient_squares,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, exp_avg, exp_avg_sq});
  Chunks chunks(bounds, values);
  if (vitrail::is_skipped(found_inf)) return;
  std::vector<double> of_values(static_cast<size_t>(chunks.first.back())), of_updates(of_values.size());
  double steps = vitrail::scalar_of(count);
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "lamb_update", [&] {
    Lamb<scalar_t> k;
    k.divisor = static_cast<scalar_t>(
        clipped_divisor(vitrail::divisor_of(divisor), gradient_squares, max_grad_norm));
    k.mean_weight = static_cast<scalar_t>(1 - beta1);
    k.beta2 = static_cast<scalar_t>(beta2);
    k.square_weight = static_cast<scalar_t>(1 - beta2);
    k.correction1 = static_cast<scalar_t>(bias_correction ? 1 - std::pow(beta1, steps) : 1);
    k.root2 = static_cast<scalar_t>(bias_correction ? std::sqrt(1 - std::pow(beta2, steps)) : 1);
    k.eps = static_cast<scalar_t>(eps);
    k.decay = static_cast<scalar_t>(weight_decay);
    const auto* p = values.const_data_ptr<scalar_t>();
    auto *g = gradients.data_ptr<scalar_t>(), *m = exp_avg.data_ptr<scalar_t>(), *v = exp_avg_sq.data_ptr<scalar_t>();
    chunks.for_each([&](size_t, int64_t chunk, int64_t begin, int64_t end) {
      lamb(p + begin, g + begin, m + begin, v + begin, end - begin, k);
      // What was read and written is in the cache still.
      of_values[static_cast<size_t>(chunk)] = squares(p + begin, end - begin);
      of_updates[static_cast<size_t>(chunk)] = squares(g + begin, end - begin);
    });
  });
  auto sums = norms.accessor<double, 2>();
  chunks.add_up(of_values, sums[0]);
  chunks.add_up(of_updates, sums[1]);
}

template <class T>
VT_INLINE void subtract_loop(T* __restrict p, const T* __restrict update, int64_t count, T rate) {
  for (int64_t i = 0; i < count; ++i) p[i] -= rate * update[i];
}
VT_CLONES void subtract(float* p, const float* update, int64_t count, float rate) {
  subtract_loop(p, update, count, rate);
}
VT_CLONES void subtract(double* p, const double* update, int64_t count, double rate) {
  subtract_loop(p, update, count, rate);
}

void lamb_apply_cpu(
    const at::Tensor& values, const at::Tensor& update, const at::Tensor& norms, const at::Tensor& bounds,
    double learning_rate, bool adapts, double max_ratio, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {update});
  Chunks chunks(bounds, values);
  if (vitrail::is_skipped(found_inf)) return;
  auto sums = norms.accessor<double, 2>();
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "lamb_apply", [&] {
    auto* p = values.data_ptr<scalar_t>();
    const auto* u = update.const_data_ptr<scalar_t>();
    chunks.for_each([&](size_t parameter, int64_t, int64_t begin, int64_t end) {
      double weight = sums[0][static_cast<int64_t>(parameter)], change = sums[1][static_cast<int64_t>(parameter)];
      double ratio = weight > 0 && change > 0 ? std::min(std::sqrt(weight / change), max_ratio) : 1;
      subtract(p + begin, u + begin, end - begin, static_cast<scalar_t>(learning_rate * (adapts ? ratio : 1)));
    });
  });
}

template <class T>
struct Lars {
  T divisor, decay, ratio, momentum, fresh, rate;
  bool has_momentum, is_first, nesterov;
};

template <class T>
VT_INLINE void lars_loop(T* __restrict p, const T* __restrict g, T* __restrict m, int64_t count, const Lars<T>& k) {
  if (!k.has_momentum) {
    for (int64_t i = 0; i < count; ++i) p[i] -= k.rate * (k.ratio * (g[i] / k.divisor + k.decay * p[i]));
    return;
  }
  T kept = k.is_first ? 0 : k.momentum, fresh = k.is_first ? 1 : k.fresh;
  T ahead = k.nesterov ? k.momentum : 1, own = k.nesterov ? 1 : 0;
  for (int64_t i = 0; i < count; ++i) {
    T gradient = k.ratio * (g[i] / k.divisor + k.decay * p[i]);
    T mean = kept * m[i] + fresh * gradient;
    m[i] = mean;
    p[i] -= k.rate * (own * gradient + ahead * mean);
  }
}
VT_CLONES void lars(float* p, const float* g, float* m, int64_t count, const Lars<float>& k) {
  lars_loop(p, g, m, count, k);
}
VT_CLONES void lars(double* p, const double* g, double* m, int64_t count, const Lars<double>& k) {
  lars_loop(p, g, m, count, k);
}

void lars_apply_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const MaybeTensor& momentum_buffer, const at::Tensor& norms,
    const at::Tensor& bounds, const at::Tensor& count, double learning_rate, double momentum, double dampening,
    bool nesterov, double weight_decay, double trust_coefficient, double eps, bool adapts, bool trust_clip,
    const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, momentum_buffer ? *momentum_buffer : values});
  Chunks chunks(bounds, values);
  if (vitrail::is_skipped(found_inf)) return;
  auto sums = norms.accessor<double, 2>();
  double divide = vitrail::divisor_of(divisor);
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "lars_apply", [&] {
    Lars<scalar_t> shared;
    shared.divisor = static_cast<scalar_t>(divide);
    shared.decay = static_cast<scalar_t>(weight_decay);
    shared.momentum = static_cast<scalar_t>(momentum);
    shared.fresh = static_cast<scalar_t>(1 - dampening);
    shared.rate = static_cast<scalar_t>(learning_rate);
    shared.has_momentum = momentum_buffer.has_value();
    shared.is_first = vitrail::scalar_of(count) == 1;
    shared.nesterov = nesterov;
    auto* p = values.data_ptr<scalar_t>();
    const auto* g = gradients.const_data_ptr<scalar_t>();
    auto* m = momentum_buffer ? momentum_buffer->data_ptr<scalar_t>() : nullptr;
    chunks.for_each([&](size_t parameter, int64_t, int64_t begin, int64_t end) {
      auto k = shared;
      double weight = std::sqrt(sums[0][static_cast<int64_t>(parameter)]);
      double gradient = std::sqrt(sums[1][static_cast<int64_t>(parameter)]) / divide;
      double ratio = 1;
      if (weight > 0 && gradient > 0) ratio = trust_coefficient * weight / (gradient + weight * weight_decay + eps);
      if (trust_clip) ratio = std::min(ratio / learning_rate, 1.0);
      k.ratio = static_cast<scalar_t>(adapts ? ratio : 1);
      lars(p + begin, g + begin, m == nullptr ? nullptr : m + begin, end - begin, k);
    });
  });
}

}  // namespace

TORCH_LIBRARY_IMPL(vitrail, CPU, library) {
  library.impl("segment_squares_", segment_squares_cpu);
  library.impl("lamb_update_", lamb_update_cpu);
  library.impl("lamb_apply_", lamb_apply_cpu);
  library.impl("lars_apply_", lars_apply_cpu);
}
