// The one door to libtorch: a small C API over tensors, the boxed operator dispatcher, autograd, devices and RNG.
//
// Contract of every function marked VT_CHECKED: it returns a vt_status, writes its outs last and only on VT_OK, and
// never lets a C++ exception out. The message of the newest failure on this thread is vt_last_error().
#pragma once
#include "ctorch_types.h"

#include "ctorch_autograd.h"
#include "ctorch_collectives.h"
#include "ctorch_device.h"
#include "ctorch_op.h"
#include "ctorch_profiler.h"
#include "ctorch_random.h"
#include "ctorch_tensor.h"
