// The boxed call into the ATen dispatcher: find an operator, push typed arguments, call, read typed results.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

VT_CHECKED vt_status vt_op_find(const char *name, const char *overload, vt_op *out);
bool vt_op_exists(const char *name, const char *overload);

/// An argument stack under construction. It owns copies of everything pushed, so that nothing borrowed outlives a push.
/// Every stack that was begun must be ended.
VT_CHECKED vt_status vt_stack_begin(vt_op op, vt_stack *out);
void vt_stack_end(vt_stack stack);

VT_CHECKED vt_status vt_push_none(vt_stack stack);
VT_CHECKED vt_status vt_push_tensor(vt_stack stack, vt_tensor tensor);
VT_CHECKED vt_status vt_push_int(vt_stack stack, int64_t value);
VT_CHECKED vt_status vt_push_double(vt_stack stack, double value);
VT_CHECKED vt_status vt_push_bool(vt_stack stack, bool value);
VT_CHECKED vt_status vt_push_string(vt_stack stack, const char *bytes, size_t count);
VT_CHECKED vt_status vt_push_dtype(vt_stack stack, vt_dtype dtype);
VT_CHECKED vt_status vt_push_device(vt_stack stack, vt_device device);
VT_CHECKED vt_status vt_push_memory_format(vt_stack stack, int32_t format);
VT_CHECKED vt_status vt_push_generator(vt_stack stack, vt_generator generator);
VT_CHECKED vt_status vt_push_ints(vt_stack stack, const int64_t *values, size_t count);
VT_CHECKED vt_status vt_push_doubles(vt_stack stack, const double *values, size_t count);
VT_CHECKED vt_status vt_push_bools(vt_stack stack, const bool *values, size_t count);
/// A list of tensors; a null handle stands for an absent one where the schema allows that.
VT_CHECKED vt_status vt_push_tensors(vt_stack stack, const vt_tensor *tensors, size_t count);

/// Fills missing trailing arguments with the schema's defaults and calls. The results replace the arguments.
VT_CHECKED vt_status vt_stack_call(vt_stack stack, size_t *results);

VT_CHECKED vt_status vt_result_tensor(vt_stack stack, size_t index, vt_tensor *out);
VT_CHECKED vt_status vt_result_int(vt_stack stack, size_t index, int64_t *out);
VT_CHECKED vt_status vt_result_double(vt_stack stack, size_t index, double *out);
VT_CHECKED vt_status vt_result_bool(vt_stack stack, size_t index, bool *out);
VT_CHECKED vt_status vt_result_tensors_count(vt_stack stack, size_t index, size_t *out);
VT_CHECKED vt_status vt_result_tensors_get(vt_stack stack, size_t index, size_t element, vt_tensor *out);

#ifdef __cplusplus
}
#endif
