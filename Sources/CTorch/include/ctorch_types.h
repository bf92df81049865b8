// Handles, status codes and the closed sets of dtypes and devices.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_CHECKED __attribute__((warn_unused_result))

#ifdef __cplusplus
extern "C" {
#endif

/// One-field structs, one type for each kind, so that a wrong handle does not compile.
typedef struct { void *impl; } vt_tensor;
typedef struct { const void *impl; } vt_op;
typedef struct { void *impl; } vt_generator;
typedef struct { void *impl; } vt_stack;

typedef int32_t vt_status;
enum {
  VT_OK = 0,
  /// A wrong shape, dtype or argument: the caller's mistake.
  VT_ERROR = 1,
  VT_OUT_OF_MEMORY = 2,
  /// The device failed (a CUDA error, for example).
  VT_DEVICE_ERROR = 3,
  /// Nothing was done, because an earlier failure is pending in a recovering scope of this thread.
  VT_SKIPPED = 4,
  /// Another process, or the way to it, failed.
  VT_NETWORK = 5,
};

typedef int32_t vt_dtype;
enum {
  VT_UINT8 = 0,
  VT_INT8 = 1,
  VT_INT16 = 2,
  VT_INT32 = 3,
  VT_INT64 = 4,
  VT_FLOAT16 = 5,
  VT_BFLOAT16 = 6,
  VT_FLOAT32 = 7,
  VT_FLOAT64 = 8,
  VT_BOOL = 9,
};

enum { VT_CPU = 0, VT_CUDA = 1 };
typedef struct {
  int32_t type;
  int32_t index;
} vt_device;

enum { VT_CONTIGUOUS = 0, VT_PRESERVE = 1, VT_CHANNELS_LAST = 2 };

/// The message of the newest failure on this thread; valid until the next one.
const char *vt_last_error(void);

/// Opens a scope in which an out-of-memory or device error is kept and later calls do nothing (VT_SKIPPED).
void vt_recovering_begin(void);
/// Closes the scope; returns VT_OK, or the kept failure's status, whose message is then vt_last_error().
vt_status vt_recovering_end(void);
/// Whether a failure is being kept on this thread.
bool vt_recovering_pending(void);

#ifdef __cplusplus
}
#endif
