#include "ctorch_tensor.h"

#include "guard.h"
#include "handles.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <atomic>
#include <memory>

namespace vitrail {

static std::atomic<int64_t> live_tensors{0};

vt_tensor wrap(at::Tensor tensor) {
  auto* held = new at::Tensor(std::move(tensor));
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return {held};
}

c10::ScalarType scalar_type(vt_dtype dtype) {
  switch (dtype) {
    case VT_UINT8: return at::kByte;
    case VT_INT8: return at::kChar;
    case VT_INT16: return at::kShort;
    case VT_INT32: return at::kInt;
    case VT_INT64: return at::kLong;
    case VT_FLOAT16: return at::kHalf;
    case VT_BFLOAT16: return at::kBFloat16;
    case VT_FLOAT32: return at::kFloat;
    case VT_FLOAT64: return at::kDouble;
    case VT_BOOL: return at::kBool;
    default: TORCH_CHECK(false, "unknown dtype code ", dtype);
  }
}

vt_dtype dtype_of(c10::ScalarType type) {
  switch (type) {
    case at::kByte: return VT_UINT8;
    case at::kChar: return VT_INT8;
    case at::kShort: return VT_INT16;
    case at::kInt: return VT_INT32;
    case at::kLong: return VT_INT64;
    case at::kHalf: return VT_FLOAT16;
    case at::kBFloat16: return VT_BFLOAT16;
    case at::kFloat: return VT_FLOAT32;
    case at::kDouble: return VT_FLOAT64;
    case at::kBool: return VT_BOOL;
    default: TORCH_CHECK(false, "tensors of dtype ", c10::toString(type), " are not supported");
  }
}

c10::DeviceType device_type(int32_t type) {
  switch (type) {
    case VT_CPU: return c10::DeviceType::CPU;
    case VT_CUDA: return c10::DeviceType::CUDA;
    default: TORCH_CHECK(false, "unknown device code ", type);
  }
}

c10::Device device(vt_device device) {
  auto type = device_type(device.type);
  return type == c10::DeviceType::CPU ? c10::Device(type)
                                      : c10::Device(type, static_cast<c10::DeviceIndex>(device.index));
}

vt_device device_of(c10::Device device) {
  if (device.is_cpu()) return {VT_CPU, 0};
  TORCH_CHECK(device.is_cuda(), "tensors on ", device.str(), " are not supported");
  return {VT_CUDA, static_cast<int32_t>(device.index())};
}

}  // namespace vitrail

using namespace vitrail;

namespace {

/// Reads what a tensor is, without computing: also while a failure is pending, when only what was to come of a skipped call
/// has nothing to read.
template <class Body>
vt_status look(vt_tensor handle, Body&& body) noexcept {
  if (handle.impl == nullptr && failures().pending != VT_OK) return VT_SKIPPED;
  return guard_always([&] { body(tensor(handle)); });
}

}  // namespace

extern "C" {

void vt_tensor_free(vt_tensor handle) {
  if (handle.impl == nullptr) return;
  delete static_cast<at::Tensor*>(handle.impl);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

int64_t vt_live_tensors(void) { return live_tensors.load(std::memory_order_relaxed); }

vt_status vt_tensor_ndim(vt_tensor handle, size_t* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = static_cast<size_t>(tensor.dim()); });
}

vt_status vt_tensor_sizes(vt_tensor handle, int64_t* sizes) {
  return look(handle, [&](const at::Tensor& tensor) {
    auto from = tensor.sizes();
    std::copy(from.begin(), from.end(), sizes);
  });
}

vt_status vt_tensor_strides(vt_tensor handle, int64_t* strides) {
  return look(handle, [&](const at::Tensor& tensor) {
    auto from = tensor.strides();
    std::copy(from.begin(), from.end(), strides);
  });
}

vt_status vt_tensor_size(vt_tensor handle, int64_t dim, int64_t* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = tensor.size(dim); });
}

vt_status vt_tensor_count(vt_tensor handle, int64_t* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = tensor.numel(); });
}

vt_status vt_tensor_dtype(vt_tensor handle, vt_dtype* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = dtype_of(tensor.scalar_type()); });
}

vt_status vt_tensor_device(vt_tensor handle, vt_device* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = device_of(tensor.device()); });
}

vt_status vt_tensor_is_contiguous(vt_tensor handle, bool* out) {
  return look(handle, [&](const at::Tensor& tensor) { *out = tensor.is_contiguous(); });
}

vt_status vt_tensor_data(vt_tensor handle, void** out) {
  return guard([&] { *out = tensor(handle).data_ptr(); });
}

vt_status vt_tensor_storage_bytes(vt_tensor handle, size_t* out) {
  return guard([&] { *out = tensor(handle).storage().nbytes(); });
}

vt_status vt_tensor_item(vt_tensor handle, double* out) {
  return guard([&] { *out = tensor(handle).item().toDouble(); });
}

vt_status vt_tensor_item_int(vt_tensor handle, int64_t* out) {
  return guard([&] { *out = tensor(handle).item().toLong(); });
}

vt_status vt_tensor_borrow(
    void* data, const int64_t* sizes, size_t ndim, vt_dtype dtype, void (*release)(void*), void* context,
    vt_tensor* out) {
  return guard_always([&] {
    // Lets go also where no tensor comes about.
    std::shared_ptr<void> owner(context, release);
    auto options = at::TensorOptions().dtype(scalar_type(dtype));
    *out = wrap(at::from_blob(data, at::IntArrayRef(sizes, ndim), [owner](void*) {}, options));
  });
}

vt_status vt_tensor_copy(
    const void* data, size_t bytes, const int64_t* sizes, size_t ndim, vt_dtype dtype, vt_tensor* out) {
  return guard([&] {
    auto made = at::empty(at::IntArrayRef(sizes, ndim), at::TensorOptions().dtype(scalar_type(dtype)));
    TORCH_CHECK(made.nbytes() == bytes, "shape ", made.sizes(), " needs ", made.nbytes(), " bytes, got ", bytes);
    if (bytes > 0) std::memcpy(made.data_ptr(), data, bytes);
    *out = wrap(std::move(made));
  });
}
}
