// What the steps of optimizers over flat memory share.
//
// A flat buffer, or a slice of one, is dense and one-dimensional; `bounds` (int64 [P + 1], where the buffer is) says where
// the P parameters begin in the slice and where the last one ends: a parameter that lies outside is empty, and what lies
// between two is 0 and counts to the first.
#pragma once
#include "clones.h"
#include "parallel.h"

#include <ATen/ATen.h>
#include <cmath>
#include <optional>
#include <string>
#include <torch/library.h>

namespace vitrail {

using MaybeTensor = std::optional<at::Tensor>;

/// Elements that one thread takes at a time, whatever the number of threads: sums over them are added in order.
constexpr int64_t kChunk = 8192;

/// The root of a number in a loop that must become vectors: std::sqrt may set errno.
template <class T>
VT_INLINE T root(T x) {
#if defined(__clang__)
  return __builtin_elementwise_sqrt(x);
#else
  return std::sqrt(x);
#endif
}

/// start + weight (end - start).
template <class T>
VT_INLINE T lerp(T start, T end, T weight) {
  return start + weight * (end - start);
}

/// A float32 scalar of the host.
inline double scalar_of(const at::Tensor& x) {
  TORCH_CHECK(x.scalar_type() == at::kFloat && x.numel() == 1, "a float32 scalar is expected, got ", x.scalar_type());
  return *x.const_data_ptr<float>();
}

/// Whether a step changes nothing.
inline bool is_skipped(const MaybeTensor& found_inf) { return found_inf && scalar_of(*found_inf) == 1; }

inline double divisor_of(const MaybeTensor& divisor) { return divisor ? scalar_of(*divisor) : 1; }

/// Refuses buffers that a loop over `values` cannot run along.
inline void check_flat(const at::Tensor& values, std::initializer_list<at::Tensor> others) {
  TORCH_CHECK(
      values.dim() == 1 && values.is_contiguous() &&
          (values.scalar_type() == at::kFloat || values.scalar_type() == at::kDouble),
      "a step takes flat buffers of float32 or float64, got ", values.scalar_type(), values.sizes());
  for (const auto& other : others) {
    TORCH_CHECK(
        other.sizes() == values.sizes() && other.scalar_type() == values.scalar_type() && other.is_contiguous(),
        "a buffer of ", other.scalar_type(), other.sizes(), " beside values of ", values.scalar_type(), values.sizes());
  }
}

/// Calls `body(begin, end)` for chunks of 0..<count, on several threads.
template <class Body>
void for_elements(int64_t count, Body&& body) {
  parallel_for((count + kChunk - 1) / kChunk, 1, [&](int64_t first, int64_t last) {
    for (int64_t chunk = first; chunk < last; ++chunk) {
      body(chunk * kChunk, std::min(chunk * kChunk + kChunk, count));
    }
  });
}

// Of other devices: a few operators over whole buffers, nothing that waits.

/// Writes what a step makes of `target`, unless it changes nothing.
inline void keep(const at::Tensor& target, const at::Tensor& fresh, const MaybeTensor& found_inf) {
  target.copy_(found_inf ? at::where(found_inf->eq(1), target, fresh) : fresh);
}

inline at::Tensor divided(const at::Tensor& gradients, const MaybeTensor& divisor) {
  return divisor ? gradients / *divisor : gradients;
}

/// 1 - beta^count, a float64 scalar on the device.
inline at::Tensor correction(double beta, const at::Tensor& count) {
  return 1 - at::pow(beta, count.to(at::kDouble)).squeeze();
}

/// Defines an operator that goes by others, and under a second name the same again: what a kernel is compared with.
template <class Function>
void define_step(torch::Library& library, const std::string& name, const char* schema, Function* elsewhere) {
  library.def((name + schema).c_str(), elsewhere);
  library.def((name + "elsewhere" + schema).c_str(), elsewhere);
}

}  // namespace vitrail
