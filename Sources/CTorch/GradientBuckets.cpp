#include "collectives.h"

#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <unordered_map>

using namespace vitrail;

namespace {

/// A slice of the gradients, and the collective that sums it.
struct Bucket {
  at::Tensor slice;
  /// What travels in place of the slice, in a shorter type.
  at::Tensor sent;
  std::vector<at::Tensor> parameters;
  /// Gradients that are not there yet.
  size_t num_missing = 0;
  c10::intrusive_ptr<c10d::Work> work;
};

struct Buckets {
  const Group& group;
  std::vector<Bucket> buckets;
  /// They are started in order, whichever is ready first: c10d matches the ranks' collectives by it.
  size_t num_started = 0;
  bool is_armed = false;
  WatchedParameters watched;
  /// What went wrong in a hook, which must not throw into the backward pass.
  std::exception_ptr failure;

  explicit Buckets(const Group& group) : group(group) {}

  void start_next() {
    RECORD_USER_SCOPE("reduce");
    Bucket& bucket = buckets[num_started];
    if (bucket.sent.defined()) bucket.sent.copy_(bucket.slice);
    std::vector<at::Tensor> tensors{bucket.sent.defined() ? bucket.sent : bucket.slice};
    bucket.work = group.backend->allreduce(tensors);
    num_started += 1;
  }

  void take(Bucket& bucket) {
    group.wait(*bucket.work);
    bucket.work.reset();
    if (bucket.sent.defined()) bucket.slice.copy_(bucket.sent);
  }

  void reset() {
    is_armed = false;
    num_started = 0;
    failure = nullptr;
    for (auto& bucket : buckets) {
      bucket.num_missing = bucket.parameters.size();
      bucket.work.reset();
    }
  }
};

struct Hook : torch::autograd::PostAccumulateGradHook {
  Buckets* owner;
  /// The buckets that hold a part of the gradient.
  std::vector<size_t> indices;
  Hook(Buckets* owner, std::vector<size_t> indices) : owner(owner), indices(std::move(indices)) {}

  void operator()(const torch::autograd::Variable&) override {
    if (!owner->is_armed || owner->failure) return;
    at::NoGradGuard no_grad;
    try {
      auto& all = owner->buckets;
      for (size_t index : indices) {
        if (all[index].num_missing > 0) all[index].num_missing -= 1;
      }
      while (owner->num_started < all.size() && all[owner->num_started].num_missing == 0) owner->start_next();
    } catch (...) {
      owner->failure = std::current_exception();
    }
  }
};

Buckets& buckets(vt_buckets handle) { return *static_cast<Buckets*>(handle.impl); }

}  // namespace

extern "C" {

vt_status vt_buckets_create(
    vt_group group_handle, const vt_bucket* given, size_t count, bool compresses, vt_dtype dtype, vt_buckets* out) {
  return guard([&] {
    auto made = std::make_unique<Buckets>(group(group_handle));
    for (size_t index = 0; index < count; index++) {
      const vt_bucket& from = given[index];
      Bucket bucket;
      bucket.slice = tensor(from.gradients).narrow(0, from.begin, from.end - from.begin);
      if (compresses) bucket.sent = at::empty_like(bucket.slice, scalar_type(dtype));
      for (size_t place = 0; place < from.num_parameters; place++) {
        bucket.parameters.push_back(tensor(from.parameters[place]));
      }
      made->buckets.push_back(std::move(bucket));
    }
    made->reset();
    std::unordered_map<at::TensorImpl*, std::pair<at::Tensor, std::vector<size_t>>> places;
    for (size_t index = 0; index < count; index++) {
      for (auto& parameter : made->buckets[index].parameters) {
        auto& place = places[parameter.unsafeGetTensorImpl()];
        place.first = parameter;
        place.second.push_back(index);
      }
    }
    for (auto& [_, place] : places) {
      made->watched.watch(place.first, std::make_unique<Hook>(made.get(), std::move(place.second)));
    }
    *out = {made.release()};
  });
}

void vt_buckets_free(vt_buckets handle) { delete static_cast<Buckets*>(handle.impl); }

vt_status vt_buckets_arm(vt_buckets handle) {
  return guard([&] {
    buckets(handle).reset();
    buckets(handle).is_armed = true;
  });
}

vt_status vt_buckets_finish(vt_buckets handle, int64_t* overlapped) {
  return guard_network([&] {
    at::NoGradGuard no_grad;
    Buckets& all = buckets(handle);
    all.is_armed = false;
    if (all.failure) {
      auto failure = all.failure;
      all.reset();
      std::rethrow_exception(failure);
    }
    *overlapped = static_cast<int64_t>(all.num_started);
    while (all.num_started < all.buckets.size()) all.start_next();
    for (auto& bucket : all.buckets) all.take(bucket);
    all.reset();
  });
}
}
