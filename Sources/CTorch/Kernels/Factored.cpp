// The step of Adafactor (Shazeer, Stern 2018, arXiv:1804.04235) for parameters in flat memory, as big_vision has it:
// squares of a parameter with two long dims are kept as their means along each of the two.
//
// A parameter is [A, X, B, Y, C], X and Y its two longest dims. `layout` has ten numbers of each: its place, A, X, B, Y,
// C, the places of its means over Y [A, X, B, C] and over X [A, B, Y, C] in `means_y` and `means_x`, the place of its
// plain mean squares in `squares` or -1 where it has means, and the number of its elements.
#include "flat.h"

#include <vector>

namespace {

using vitrail::MaybeTensor;

struct Shape {
  int64_t start, a, x, b, y, c, at_y, at_x, at_squares, count;
};

std::vector<Shape> shapes_of(at::IntArrayRef layout) {
  TORCH_CHECK(layout.size() % 10 == 0, "ten numbers of each parameter are expected");
  std::vector<Shape> shapes;
  for (size_t i = 0; i < layout.size(); i += 10) {
    const auto* n = layout.data() + i;
    shapes.push_back({n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9]});
  }
  return shapes;
}

/// What the whole step shares.
struct Rule {
  double divisor, mean_weight, eps, rate, kept, momentum, threshold;
};

/// A sum of squares in sixteen parts, which are vectors.
template <class T>
VT_INLINE double squares_loop(const T* __restrict x, int64_t count) {
  constexpr int64_t kLanes = 16;
  double sums[kLanes] = {};
  int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(x[i + lane]) * static_cast<double>(x[i + lane]);
    }
  }
  for (int64_t i = whole; i < count; ++i) sums[i - whole] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  double sum = 0;
  for (double each : sums) sum += each;
  return sum;
}
VT_CLONES double sum_of_squares(const float* x, int64_t count) { return squares_loop(x, count); }
VT_CLONES double sum_of_squares(const double* x, int64_t count) { return squares_loop(x, count); }

template <class T>
VT_INLINE void add_squares_loop(const T* __restrict x, double* __restrict sums, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sums[i] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
}
VT_CLONES void add_squares(const float* x, double* sums, int64_t count) { add_squares_loop(x, sums, count); }
VT_CLONES void add_squares(const double* x, double* sums, int64_t count) { add_squares_loop(x, sums, count); }

/// x times a number and a row of numbers.
template <class T>
VT_INLINE void scale_loop(T* __restrict x, T factor, const T* __restrict factors, int64_t count) {
  for (int64_t i = 0; i < count; ++i) x[i] = x[i] * factor * factors[i];
}
VT_CLONES void scale_row(float* x, float factor, const float* factors, int64_t count) {
  scale_loop(x, factor, factors, count);
}
VT_CLONES void scale_row(double* x, double factor, const double* factors, int64_t count) {
  scale_loop(x, factor, factors, count);
}

/// The last pass: momentum, decay and step.
template <class T>
struct Last {
  T scale, fresh, kept, rate;
};

template <class T>
VT_INLINE void last_loop(T* __restrict p, const T* __restrict u, T* __restrict m, int64_t count, const Last<T>& k) {
  if (m == nullptr) {
    for (int64_t i = 0; i < count; ++i) p[i] = p[i] * k.kept - k.rate * (u[i] * k.scale);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    m[i] = vitrail::lerp(m[i], u[i] * k.scale, k.fresh);
    p[i] = p[i] * k.kept - k.rate * m[i];
  }
}
VT_CLONES void last_pass(float* p, const float* u, float* m, int64_t count, const Last<float>& k) {
  last_loop(p, u, m, count, k);
}
VT_CLONES void last_pass(double* p, const double* u, double* m, int64_t count, const Last<double>& k) {
  last_loop(p, u, m, count, k);
}

/// The mean of a sum of squares of gradients that were not divided.
double mean_square(double sum, int64_t count, const Rule& rule) {
  return sum / (rule.divisor * rule.divisor) / static_cast<double>(count) + rule.eps;
}

/// Means of squares over Y, a line of Y * C elements at a time.
template <class T>
void means_over_y(const Shape& s, const T* g, T* means, const Rule& rule) {
  vitrail::parallel_for(s.a * s.x * s.b, 8, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      for (int64_t c = 0; c < s.c; ++c) {
        double sum = 0;
        if (s.c == 1) {
          sum = sum_of_squares(g + line * s.y, s.y);
        } else {
          for (int64_t y = 0; y < s.y; ++y) {
            double gradient = static_cast<double>(g[(line * s.y + y) * s.c + c]);
            sum += gradient * gradient;
          }
        }
        T& mean = means[line * s.c + c];
        mean = vitrail::lerp(mean, static_cast<T>(mean_square(sum, s.y, rule)), static_cast<T>(rule.mean_weight));
      }
    }
  });
}

/// Means of squares over X: [A, X, B Y C] to [A, B Y C], some columns at a time.
template <class T>
void means_over_x(const Shape& s, const T* g, T* means, const Rule& rule) {
  constexpr int64_t kColumns = 256;
  int64_t width = s.b * s.y * s.c, blocks = (width + kColumns - 1) / kColumns;
  vitrail::parallel_for(s.a * blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      int64_t a = piece / blocks, first = piece % blocks * kColumns, last = std::min(first + kColumns, width);
      double sums[kColumns] = {};
      for (int64_t x = 0; x < s.x; ++x) {
        add_squares(g + (a * s.x + x) * width + first, sums, last - first);
      }
      for (int64_t column = first; column < last; ++column) {
        T& mean = means[a * width + column];
        auto fresh = static_cast<T>(mean_square(sums[column - first], s.x, rule));
        mean = vitrail::lerp(mean, fresh, static_cast<T>(rule.mean_weight));
      }
    }
  });
}

/// 1 / root(mean over Y / its mean over X), of each line and c, into `factors`.
template <class T>
void line_factors(const Shape& s, const T* means, T* factors) {
  for (int64_t a = 0; a < s.a; ++a) {
    for (int64_t rest = 0; rest < s.b * s.c; ++rest) {
      double sum = 0;
      for (int64_t x = 0; x < s.x; ++x) sum += static_cast<double>(means[(a * s.x + x) * s.b * s.c + rest]);
      for (int64_t x = 0; x < s.x; ++x) {
        int64_t i = (a * s.x + x) * s.b * s.c + rest;
        factors[i] = static_cast<T>(1 / std::sqrt(static_cast<double>(means[i]) * static_cast<double>(s.x) / sum));
      }
    }
  }
}

/// The gradients over the root of their mean squares, in place.
template <class T>
void scale_gradients(
    const Shape& s, T* g, T* means_y, T* means_x, T* squares, T* factors, T* column_factors, const Rule& rule) {
  auto divisor = static_cast<T>(rule.divisor);
  if (squares != nullptr) {
    auto weight = static_cast<T>(rule.mean_weight), eps = static_cast<T>(rule.eps);
    vitrail::for_elements(s.count, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T gradient = g[i] / divisor;
        squares[i] = vitrail::lerp(squares[i], gradient * gradient + eps, weight);
        g[i] = gradient / vitrail::root(squares[i]);
      }
    });
    return;
  }
  means_over_y(s, g, means_y, rule);
  means_over_x(s, g, means_x, rule);
  line_factors(s, means_y, factors);
  for (int64_t i = 0; i < s.a * s.b * s.y * s.c; ++i) column_factors[i] = 1 / vitrail::root(means_x[i]) / divisor;
  vitrail::parallel_for(s.a * s.x * s.b, 8, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t a = line / (s.x * s.b), b = line % s.b;
      const T* of_x = column_factors + (a * s.b + b) * s.y * s.c;
      T* row = g + line * s.y * s.c;
      if (s.c == 1) {
        scale_row(row, factors[line], of_x, s.y);
        continue;
      }
      for (int64_t i = 0; i < s.y * s.c; ++i) row[i] = row[i] * factors[line * s.c + i % s.c] * of_x[i];
    }
  });
}

template <class T>
double root_mean_square(const T* x, int64_t count, std::vector<double>& parts) {
  vitrail::for_elements(count, [&](int64_t begin, int64_t end) {
    parts[static_cast<size_t>(begin / vitrail::kChunk)] = sum_of_squares(x + begin, end - begin);
  });
  double sum = 0;
  for (int64_t chunk = 0; chunk * vitrail::kChunk < count; ++chunk) sum += parts[static_cast<size_t>(chunk)];
  return std::sqrt(sum / static_cast<double>(count));
}

void adafactor_cpu(
    const at::Tensor& values, const at::Tensor& gradients, const MaybeTensor& exp_avg, const at::Tensor& means_y,
    const at::Tensor& means_x, const at::Tensor& squares, at::IntArrayRef layout, const at::Tensor& count,
    double learning_rate, double decay_rate, double beta2_cap, double momentum, double eps, double clipping_threshold,
    double weight_decay, const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  vitrail::check_flat(values, {gradients, exp_avg ? *exp_avg : values});
  auto shapes = shapes_of(layout);
  if (vitrail::is_skipped(found_inf)) return;
  size_t num_factors = 0, num_columns = 0, num_chunks = 0;
  for (const auto& s : shapes) {
    num_factors = std::max(num_factors, static_cast<size_t>(s.a * s.x * s.b * s.c));
    num_columns = std::max(num_columns, s.at_squares >= 0 ? 0 : static_cast<size_t>(s.a * s.b * s.y * s.c));
    num_chunks = std::max(num_chunks, static_cast<size_t>(s.count / vitrail::kChunk + 1));
  }
  std::vector<double> parts(num_chunks);
  double beta2 = std::min(beta2_cap, 1 - std::pow(vitrail::scalar_of(count), -decay_rate));
  Rule rule{vitrail::divisor_of(divisor), 1 - beta2,          eps, learning_rate, 1 - learning_rate * weight_decay,
            momentum,                     clipping_threshold};
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "adafactor", [&] {
    std::vector<scalar_t> factors(num_factors), column_factors(num_columns);
    for (const auto& s : shapes) {
      auto *p = values.data_ptr<scalar_t>() + s.start, *g = gradients.data_ptr<scalar_t>() + s.start;
      auto* m = exp_avg ? exp_avg->data_ptr<scalar_t>() + s.start : nullptr;
      bool is_plain = s.at_squares >= 0;
      scale_gradients(
          s, g, is_plain ? nullptr : means_y.data_ptr<scalar_t>() + s.at_y,
          is_plain ? nullptr : means_x.data_ptr<scalar_t>() + s.at_x,
          is_plain ? squares.data_ptr<scalar_t>() + s.at_squares : nullptr, factors.data(), column_factors.data(),
          rule);
      double clip = 1;
      if (rule.threshold > 0) clip = std::max(1.0, root_mean_square(g, s.count, parts) / rule.threshold);
      Last<scalar_t> k;
      k.scale = static_cast<scalar_t>(1 / clip);
      k.fresh = static_cast<scalar_t>(1 - rule.momentum);
      k.kept = static_cast<scalar_t>(rule.kept);
      k.rate = static_cast<scalar_t>(rule.rate);
      vitrail::for_elements(s.count, [&](int64_t begin, int64_t end) {
        last_pass(p + begin, g + begin, m == nullptr ? nullptr : m + begin, end - begin, k);
      });
    }
  });
}

void adafactor_elsewhere(
    const at::Tensor& values, const at::Tensor& gradients, const MaybeTensor& exp_avg, const at::Tensor& means_y,
    const at::Tensor& means_x, const at::Tensor& squares, at::IntArrayRef layout, const at::Tensor& count,
    double learning_rate, double decay_rate, double beta2_cap, double momentum, double eps, double clipping_threshold,
    double weight_decay, const MaybeTensor& divisor, const MaybeTensor& found_inf) {
  auto weight = 1 - (1 - at::pow(count.to(at::kDouble), -decay_rate)).clamp_max(beta2_cap).squeeze();
  weight = weight.to(values.scalar_type());
  // Means of each parameter by itself: their shapes differ.
  for (const auto& s : shapes_of(layout)) {
    auto of = [&](const at::Tensor& flat, int64_t start, at::IntArrayRef sizes) {
      int64_t length = 1;
      for (auto size : sizes) length *= size;
      return flat.narrow(0, start, length).view(sizes);
    };
    auto gradient = vitrail::divided(of(gradients, s.start, {s.a, s.x, s.b, s.y, s.c}), divisor);
    auto square = gradient.square().add_(eps);
    at::Tensor update;
    if (s.at_squares >= 0) {
      auto own = of(squares, s.at_squares, square.sizes());
      auto mean = own.lerp(square, weight);
      update = gradient * mean.rsqrt();
      vitrail::keep(own, mean, found_inf);
    } else {
      auto own_y = of(means_y, s.at_y, {s.a, s.x, s.b, 1, s.c}), own_x = of(means_x, s.at_x, {s.a, 1, s.b, s.y, s.c});
      auto mean_y = own_y.lerp(square.mean(3, true), weight), mean_x = own_x.lerp(square.mean(1, true), weight);
      update = gradient * (mean_y / mean_y.mean(1, true)).rsqrt_() * mean_x.rsqrt();
      vitrail::keep(own_y, mean_y, found_inf);
      vitrail::keep(own_x, mean_x, found_inf);
    }
    if (clipping_threshold > 0) update = update / update.square().mean().sqrt_().div_(clipping_threshold).clamp_min_(1);
    if (exp_avg) {
      auto own = of(*exp_avg, s.start, update.sizes());
      update = own.lerp(update, 1 - momentum);
      vitrail::keep(own, update, found_inf);
    }
    auto own = of(values, s.start, update.sizes());
    vitrail::keep(own, (own * (1 - learning_rate * weight_decay)).sub_(update, learning_rate), found_inf);
  }
}

const char* kAdafactor =
    "(Tensor(a!) values, Tensor(b!) gradients, Tensor(c!)? exp_avg, Tensor(d!) means_y, Tensor(e!) means_x, "
    "Tensor(f!) squares, int[] layout, Tensor count, float learning_rate, float decay_rate, float beta2_cap, "
    "float momentum, float eps, float clipping_threshold, float weight_decay, Tensor? divisor, "
    "Tensor? found_inf) -> ()";

}  // namespace

TORCH_LIBRARY_FRAGMENT(vitrail, library) {
  vitrail::define_step(library, "adafactor_", kAdafactor, adafactor_elsewhere);
}
TORCH_LIBRARY_IMPL(vitrail, CPU, library) { library.impl("adafactor_", adafactor_cpu); }
