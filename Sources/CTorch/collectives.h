// What stands behind the handles of stores, groups and collectives under way.
#pragma once
#include "ctorch_collectives.h"
#include "guard.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>

namespace vitrail {

struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> backend;

  /// Waits for the end of a collective, or until another rank has said that the group is broken: a rank that waits for a
  /// healthy neighbour would else hear of it only after the whole time-out.
  void wait(c10d::Work& work) const;
};

/// Whether a store has a key. A store that does not answer within seconds, because the process that serves it hangs, is
/// an error.
bool has_key(const c10::intrusive_ptr<c10d::Store>& store, const std::string& key);

inline Group& group(vt_group handle) { return *static_cast<Group*>(handle.impl); }

/// c10d and Gloo throw exceptions of many types; none of them is the caller's mistake.
template <class Body>
vt_status guard_network(Body&& body) noexcept {
  if (failures().pending != VT_OK) return VT_SKIPPED;
  try {
    body();
    return VT_OK;
  } catch (const c10::OutOfMemoryError& error) {
    return fail(VT_OUT_OF_MEMORY, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    return fail(VT_NETWORK, error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return fail(VT_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(VT_NETWORK, error.what());
  } catch (...) {
    return fail(VT_NETWORK, "an exception of an unknown type");
  }
}

}  // namespace vitrail
