// Matrix products on the CPU through the backend that is in force.
//
// float32 `aten::linear` and `bmm` go through MKL, which keeps some processors on a slow path; oneDNN, inside the same
// libtorch, does not (docs/engine.md has figures). bf16 goes through oneDNN either way.
#pragma once
#include "ctorch_device.h"

#include <ATen/core/Tensor.h>

namespace vitrail {

int32_t matmul_backend();
void set_matmul_backend(int32_t backend);
bool onednn_available();

/// Whether products of this dtype go through oneDNN now.
bool products_through_onednn(const at::Tensor& operand);

/// out = a @ b. a and b are [M, K] and [K, N], or batched with the same leading dims; transposed views are taken as
/// they are. `out` is dense.
void product_into(at::Tensor& out, const at::Tensor& a, const at::Tensor& b);
at::Tensor product(const at::Tensor& a, const at::Tensor& b);

}  // namespace vitrail
