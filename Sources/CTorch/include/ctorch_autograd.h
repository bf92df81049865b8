// Differentiation, grad mode and autocast. Modes are per thread.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// `gradient` may be a null handle for a scalar.
VT_CHECKED vt_status vt_backward(vt_tensor root, vt_tensor gradient, bool retain_graph);
VT_CHECKED vt_status vt_requires_grad(vt_tensor tensor, bool *out);
VT_CHECKED vt_status vt_set_requires_grad(vt_tensor tensor, bool value);
/// A null handle when there is none.
VT_CHECKED vt_status vt_grad(vt_tensor tensor, vt_tensor *out);
/// A null handle drops the gradient.
VT_CHECKED vt_status vt_set_grad(vt_tensor tensor, vt_tensor gradient);
/// Puts the memory of `data` behind a tensor of its shape and dtype, which stays the leaf that it is.
VT_CHECKED vt_status vt_set_data(vt_tensor tensor, vt_tensor data);
/// Whether two handles are of one tensor.
bool vt_is_same(vt_tensor a, vt_tensor b);

bool vt_grad_mode(void);
void vt_set_grad_mode(bool enabled);

/// A computation that the backward pass makes again. `call` computes an output of `input`, which it owns, and hands it over
/// by vt_recomputed_output(); `release` is called exactly once, when nothing will call again.
typedef struct {
  void *context;
  void (*call)(void *context, vt_tensor input, void *result);
  void (*release)(void *context);
} vt_recomputation;
/// `output`, computed of `input` without gradients, as if it had been computed with them: the backward pass computes it
/// again. Owns the computation, also where it fails.
VT_CHECKED vt_status vt_recomputed(
    vt_tensor input, vt_tensor output, vt_recomputation computation, vt_tensor *out);
VT_CHECKED vt_status vt_recomputed_output(vt_tensor output, void *result);

VT_CHECKED vt_status vt_autocast(int32_t device_type, bool *enabled, vt_dtype *dtype);
VT_CHECKED vt_status vt_set_autocast(int32_t device_type, bool enabled, vt_dtype dtype);
/// Whether the operators of a vision transformer run in a 16-bit type on a device, forward and backward.
VT_CHECKED vt_status vt_autocast_probe(vt_device device, vt_dtype dtype, bool *works);

#ifdef __cplusplus
}
#endif
