// Tensors: life, shape, memory.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

void vt_tensor_free(vt_tensor tensor);
/// Handles alive in the process: flat over the steps of a training loop, or something leaks.
int64_t vt_live_tensors(void);

VT_CHECKED vt_status vt_tensor_ndim(vt_tensor tensor, size_t *out);
/// Writes `ndim` sizes to `sizes`.
VT_CHECKED vt_status vt_tensor_sizes(vt_tensor tensor, int64_t *sizes);
VT_CHECKED vt_status vt_tensor_strides(vt_tensor tensor, int64_t *strides);
VT_CHECKED vt_status vt_tensor_size(vt_tensor tensor, int64_t dim, int64_t *out);
VT_CHECKED vt_status vt_tensor_count(vt_tensor tensor, int64_t *out);
VT_CHECKED vt_status vt_tensor_dtype(vt_tensor tensor, vt_dtype *out);
VT_CHECKED vt_status vt_tensor_device(vt_tensor tensor, vt_device *out);
VT_CHECKED vt_status vt_tensor_is_contiguous(vt_tensor tensor, bool *out);
/// The address of the first element. Host memory only when the tensor's device is the CPU.
VT_CHECKED vt_status vt_tensor_data(vt_tensor tensor, void **out);
/// The bytes behind the tensor and all other views of the same memory; 0 while that is given back.
VT_CHECKED vt_status vt_tensor_storage_bytes(vt_tensor tensor, size_t *out);
/// The single element, widened. Waits for the device.
VT_CHECKED vt_status vt_tensor_item(vt_tensor tensor, double *out);
VT_CHECKED vt_status vt_tensor_item_int(vt_tensor tensor, int64_t *out);

/// A CPU tensor over memory of the caller's; `release(context)` is called once, when the last user lets
/// go, or at once where the call fails.
VT_CHECKED vt_status vt_tensor_borrow(
    void *data, const int64_t *sizes, size_t ndim, vt_dtype dtype, void (*release)(void *), void *context,
    vt_tensor *out);
/// A CPU tensor that holds a copy of `bytes` bytes at `data`.
VT_CHECKED vt_status vt_tensor_copy(
    const void *data, size_t bytes, const int64_t *sizes, size_t ndim, vt_dtype dtype, vt_tensor *out);

#ifdef __cplusplus
}
#endif
