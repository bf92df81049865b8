// Between handles and libtorch's own types.
#pragma once
#include "ctorch_types.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace vitrail {

inline at::Tensor& tensor(vt_tensor handle) {
  TORCH_CHECK(handle.impl != nullptr, "the tensor is the result of a call that failed");
  return *static_cast<at::Tensor*>(handle.impl);
}

/// A new handle, counted as alive until vt_tensor_free.
vt_tensor wrap(at::Tensor tensor);

inline at::Generator& generator(vt_generator handle) { return *static_cast<at::Generator*>(handle.impl); }

c10::ScalarType scalar_type(vt_dtype dtype);
vt_dtype dtype_of(c10::ScalarType type);
c10::DeviceType device_type(int32_t type);
c10::Device device(vt_device device);
vt_device device_of(c10::Device device);

}  // namespace vitrail
