// The only try/catch of the door, and the failure state that is kept per thread.
#pragma once
#include "ctorch_types.h"

#include <c10/util/Exception.h>
#include <new>
#include <string>
#include <string_view>

namespace vitrail {

struct Failures {
  std::string last;
  int recovering_depth = 0;
  vt_status pending = VT_OK;
  std::string pending_message;
};

Failures& failures();

/// Stores the message, keeps the first recoverable failure of a recovering scope, and returns the status to report.
vt_status fail(vt_status status, std::string message) noexcept;

/// Tells an allocation that failed, or a broken device, from a caller's mistake.
inline vt_status classify(std::string_view message) {
  if (message.find("DefaultCPUAllocator") != std::string_view::npos) return VT_OUT_OF_MEMORY;
  if (message.find("out of memory") != std::string_view::npos) return VT_OUT_OF_MEMORY;
  if (message.rfind("CUDA error", 0) == 0 || message.rfind("CUDA driver error", 0) == 0) return VT_DEVICE_ERROR;
  return VT_ERROR;
}

/// Runs the body even while a failure is pending: for what outlives the recovering scope, such as an operator's handle.
template <class Body>
vt_status guard_always(Body&& body) noexcept {
  try {
    body();
    return VT_OK;
  } catch (const c10::OutOfMemoryError& error) {
    return fail(VT_OUT_OF_MEMORY, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    std::string message = error.what_without_backtrace();
    return fail(classify(message), message);
  } catch (const std::bad_alloc&) {
    return fail(VT_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(classify(error.what()), error.what());
  } catch (...) {
    return fail(VT_ERROR, "an exception of an unknown type");
  }
}

template <class Body>
vt_status guard(Body&& body) noexcept {
  if (failures().pending != VT_OK) return VT_SKIPPED;
  return guard_always(body);
}

}  // namespace vitrail
