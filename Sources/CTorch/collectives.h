// What stands behind the handles of stores, groups and collectives under way.
#pragma once
#include "ctorch_collectives.h"
#include "guard.h"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/csrc/distributed/c10d/Work.hpp>
#include <memory>
#include <utility>
#include <vector>

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

/// Parameters whose gradients somebody waits for. A parameter has one hook; whoever comes last has it.
class WatchedParameters {
 public:
  void watch(at::Tensor parameter, std::unique_ptr<torch::autograd::PostAccumulateGradHook> hook) {
    watched_.emplace_back(parameter, hook.get());
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, std::move(hook));
  }

  ~WatchedParameters() {
    for (auto& [parameter, own] : watched_) {
      if (torch::autograd::impl::post_acc_grad_hooks(parameter).get() != own) continue;
      torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
    }
  }

 private:
  std::vector<std::pair<at::Tensor, torch::autograd::PostAccumulateGradHook*>> watched_;
};

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
    std::string message = error.what_without_backtrace();
    return fail(classify(message) == VT_OUT_OF_MEMORY ? VT_OUT_OF_MEMORY : VT_NETWORK, message);
  } catch (const std::bad_alloc&) {
    return fail(VT_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(VT_NETWORK, error.what());
  } catch (...) {
    return fail(VT_NETWORK, "an exception of an unknown type");
  }
}

}  // namespace vitrail
