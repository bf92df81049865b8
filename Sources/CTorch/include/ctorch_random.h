// Random number generators.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

VT_CHECKED vt_status vt_generator_create(vt_device device, uint64_t seed, vt_generator *out);
/// The generator that operators use when none is given.
VT_CHECKED vt_status vt_generator_default(vt_device device, vt_generator *out);
void vt_generator_free(vt_generator generator);
/// The state as a tensor of bytes on the CPU.
VT_CHECKED vt_status vt_generator_state(vt_generator generator, vt_tensor *out);

#ifdef __cplusplus
}
#endif
