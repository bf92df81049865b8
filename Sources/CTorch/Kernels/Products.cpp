#include "products.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <atomic>

// Exported by libtorch_cpu without a header. Weak, so that a libtorch built without oneDNN still links.
namespace at::native {
__attribute__((weak)) void mkldnn_matmul(const Tensor& a, const Tensor& b, const Tensor& out, float beta, float alpha);
}

namespace vitrail {

static std::atomic<int32_t> backend{VT_MATMUL_NATIVE};

int32_t matmul_backend() { return backend.load(std::memory_order_relaxed); }

void set_matmul_backend(int32_t chosen) { backend.store(chosen, std::memory_order_relaxed); }

bool onednn_available() { return at::native::mkldnn_matmul != nullptr && at::hasMKLDNN(); }

bool products_through_onednn(const at::Tensor& operand) {
  return operand.scalar_type() == at::kFloat && matmul_backend() == VT_MATMUL_ONEDNN;
}

void product_into(at::Tensor& out, const at::Tensor& a, const at::Tensor& b) {
  if (products_through_onednn(a)) {
    at::native::mkldnn_matmul(a, b, out, 0.0f, 1.0f);
  } else {
    at::matmul_out(out, a, b);
  }
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  auto sizes = a.sizes().vec();
  sizes.back() = b.size(-1);
  auto out = at::empty(sizes, a.options());
  product_into(out, a, b);
  return out;
}

}  // namespace vitrail
