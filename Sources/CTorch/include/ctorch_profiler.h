// Records what a thread computes, and when, as a Chrome trace; and spans of our own in the same record.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct { void *impl; } vt_span;

/// Starts to record the operators that this thread calls, with the backward passes that it starts, and with `cuda` the
/// kernels that they launch. An error while a record is under way.
VT_CHECKED vt_status vt_profiler_start(bool cuda);
/// Ends the record on the thread that started it, and writes it to a file; a null path drops it. An error where there is
/// no record. The file's contents are not synced.
VT_CHECKED vt_status vt_profiler_stop(const char *path);

/// Begins a span with a name of `length` bytes; a null handle where this thread records nothing. Spans of a thread nest.
VT_CHECKED vt_status vt_span_begin(const char *name, size_t length, vt_span *out);
/// Ends a span on the thread that began it.
void vt_span_end(vt_span span);

#ifdef __cplusplus
}
#endif
