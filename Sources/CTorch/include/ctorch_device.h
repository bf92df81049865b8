// Devices, threads, memory statistics, versions, and the choice of the matrix product's backend.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The devices of a kind that can be used; 0 where the kind is absent.
int32_t vt_device_count(int32_t device_type);
VT_CHECKED vt_status vt_device_synchronize(vt_device device);

typedef struct {
  int64_t current_bytes;
  int64_t peak_bytes;
  int64_t reserved_bytes;
} vt_memory;
VT_CHECKED vt_status vt_memory_stats(vt_device device, vt_memory *out);
/// The memory of a GPU itself; an error for the CPU.
VT_CHECKED vt_status vt_memory_capacity(vt_device device, int64_t *free_bytes, int64_t *total_bytes);
/// The name of a GPU, as its driver has it, in at most `size` bytes with the final zero; an error for the CPU.
VT_CHECKED vt_status vt_device_name(vt_device device, char *out, size_t size);
VT_CHECKED vt_status vt_memory_reset_peak(vt_device device);
/// Gives memory that the caching allocator keeps, but nobody uses, back to the system.
VT_CHECKED vt_status vt_memory_release_cached(vt_device device);
/// Requests for memory of the CPU so far, over all threads.
int64_t vt_memory_requests(void);
/// Lets the request of this number, counted as above from 1, fail once, for tests; 0 lets none fail.
void vt_memory_fail_at(int64_t request);

VT_CHECKED vt_status vt_set_num_threads(int32_t count);
int32_t vt_num_threads(void);
VT_CHECKED vt_status vt_set_deterministic(bool enabled);
bool vt_deterministic(void);

/// Whether the threads of one operator sleep soon while they wait for each other, in place of spinning. Nothing changes
/// where libtorch's threads are not libgomp's.
bool vt_patient_waiting_available(void);
bool vt_patient_waiting(void);
VT_CHECKED vt_status vt_set_patient_waiting(bool enabled);

/// "2.13.0": of the headers this was compiled against.
const char *vt_torch_version(void);
/// libtorch's description of how it was built (BLAS, oneDNN, instruction sets).
VT_CHECKED vt_status vt_torch_config(void (*receive)(const char *, size_t, void *), void *context);

/// Which library computes float32 matrix products on the CPU. The two differ in bits and, by processor, in speed.
enum { VT_MATMUL_NATIVE = 0, VT_MATMUL_ONEDNN = 1 };
int32_t vt_matmul_backend(void);
void vt_set_matmul_backend(int32_t backend);
/// Whether this libtorch offers the oneDNN paths.
bool vt_matmul_backend_available(int32_t backend);

#ifdef __cplusplus
}
#endif
