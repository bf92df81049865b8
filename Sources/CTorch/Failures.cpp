#include "guard.h"

#include <utility>

namespace vitrail {

Failures& failures() {
  static thread_local Failures state;
  return state;
}

vt_status fail(vt_status status, std::string message) noexcept {
  Failures& state = failures();
  state.last = std::move(message);
  bool recoverable = status == VT_OUT_OF_MEMORY || status == VT_DEVICE_ERROR;
  if (recoverable && state.recovering_depth > 0) {
    // What runs while one is pending may fail as well; the first one is told.
    if (state.pending == VT_OK) {
      state.pending = status;
      state.pending_message = state.last;
    }
    return VT_SKIPPED;
  }
  return status;
}

}  // namespace vitrail

using vitrail::failures;

extern "C" {

const char* vt_last_error(void) { return failures().last.c_str(); }

void vt_recovering_begin(void) { failures().recovering_depth += 1; }

vt_status vt_recovering_end(void) {
  auto& state = failures();
  state.recovering_depth -= 1;
  vt_status status = state.pending;
  if (status != VT_OK) state.last = state.pending_message;
  if (state.recovering_depth > 0) return status;
  state.pending = VT_OK;
  state.pending_message.clear();
  return status;
}

bool vt_recovering_pending(void) { return failures().pending != VT_OK; }
}
