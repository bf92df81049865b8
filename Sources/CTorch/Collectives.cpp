#include "collectives.h"

#include "handles.h"

#include <ATen/ATen.h>
#include <arpa/inet.h>
#include <c10/util/Logging.h>
#include <cstdlib>
#include <future>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <unistd.h>

// libtorch has Gloo inside, but ships none of its headers. What is taken from them are the names of types that are
// passed on by pointer.
#if __has_include(<gloo/context.h>)
#define VT_HAS_GLOO 1
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#else
#define VT_HAS_GLOO 0
#endif

using std::chrono::milliseconds;

namespace vitrail {

namespace {

constexpr milliseconds store_patience{2000};
constexpr const char* store_is_silent = "the store does not answer";

/// What a call gives, if it gives that in time. c10d waits without end for answers, and holds a lock meanwhile, or for
/// longer than it was told; a thread that nobody waits for does that in its place.
template <class Call>
auto within(milliseconds patience, const char* complaint, Call call) {
  auto task = std::make_shared<std::packaged_task<decltype(call())()>>(std::move(call));
  auto future = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  bool is_answered = future.wait_for(patience) == std::future_status::ready;
  TORCH_CHECK(is_answered, complaint);
  return future.get();
}

}  // namespace

bool has_key(const c10::intrusive_ptr<c10d::Store>& store, const std::string& key) {
  return within(store_patience, store_is_silent, [store, key] { return store->check({key}); });
}

void Group::wait(c10d::Work& work) const {
  bool asks = true;
  for (;;) {
    try {
      TORCH_CHECK(work.wait(milliseconds(500)), "it was given up");
      return;
    } catch (const std::exception& error) {
      // c10d's own words for the end of this wait, and not of the collective.
      std::string_view message = error.what();
      if (work.isCompleted() || message.find("Operation timed out!") == std::string_view::npos) throw;
      if (!asks) continue;
      bool is_aborted = false;
      try {
        is_aborted = has_key(store, "aborted");
      } catch (const std::exception& silence) {
        // The process that serves the store may only be slow: the collective itself has its time.
        if (std::string_view(silence.what()).find(store_is_silent) == std::string_view::npos) throw;
        asks = false;
      }
      TORCH_CHECK(!is_aborted, "another rank found the group broken");
    }
  }
}

}  // namespace vitrail

using namespace vitrail;

namespace {

c10::intrusive_ptr<c10d::Store>& store(vt_store handle) {
  return *static_cast<c10::intrusive_ptr<c10d::Store>*>(handle.impl);
}

vt_store wrap_store(c10::intrusive_ptr<c10d::Store> store) {
  return {new c10::intrusive_ptr<c10d::Store>(std::move(store))};
}

vt_work wrap_work(c10::intrusive_ptr<c10d::Work> work) {
  return {new c10::intrusive_ptr<c10d::Work>(std::move(work))};
}

c10d::ReduceOp reduce_op(int32_t op) {
  switch (op) {
    case VT_SUM: return c10d::ReduceOp::SUM;
    case VT_MAX: return c10d::ReduceOp::MAX;
    case VT_MIN: return c10d::ReduceOp::MIN;
    default: TORCH_CHECK(false, "unknown reduction ", op);
  }
}

/// c10d writes what it tries, with stack traces, to standard error. What matters of that comes as an error; who wants to
/// read it says so with TORCH_CPP_LOG_LEVEL.
void choose_log_level() {
  static const bool once = [] {
    constexpr int fatal = 3;
    if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) {
      FLAGS_caffe2_log_level = fatal;
    } else {
      c10::initLogging();
    }
    return true;
  }();
  static_cast<void>(once);
}

/// Starts a collective: `start(backend)` gives c10d's handle.
template <class Start>
vt_status begin(vt_group handle, vt_work* out, Start&& start) {
  return guard_network([&] { *out = wrap_work(start(*group(handle).backend)); });
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

}  // namespace

extern "C" {

bool vt_groups_available(void) { return VT_HAS_GLOO; }

vt_status vt_store_tcp(
    const char* host, uint16_t port, bool is_server, int64_t timeout_ms, vt_store* out, uint16_t* bound_port) {
  return guard_network([&] {
    choose_log_level();
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = is_server;
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    auto made = within(options.timeout, "nothing answers there as rank 0 would", [host = std::string(host), options] {
      return c10::make_intrusive<c10d::TCPStore>(host, options);
    });
    *bound_port = made->getPort();
    *out = wrap_store(made);
  });
}

vt_status vt_store_local(vt_store* out) {
  return guard_network([&] { *out = wrap_store(c10::make_intrusive<c10d::HashStore>()); });
}

void vt_store_free(vt_store handle) { delete static_cast<c10::intrusive_ptr<c10d::Store>*>(handle.impl); }

vt_status vt_store_set(vt_store handle, const char* key, const void* bytes, size_t count) {
  return guard_network([&] {
    auto* first = static_cast<const uint8_t*>(bytes);
    within(
        store_patience, store_is_silent,
        [store = store(handle), key = std::string(key), bytes = std::vector<uint8_t>(first, first + count)] {
          store->set(key, bytes);
        });
  });
}

vt_status vt_store_get(
    vt_store handle, const char* key, int64_t timeout_ms, void (*receive)(const char*, size_t, void*), void* context) {
  return guard_network([&] {
    milliseconds timeout{timeout_ms};
    auto bytes = within(
        timeout + store_patience, store_is_silent,
        [store = store(handle), key = std::string(key), timeout] {
          store->wait({key}, timeout);
          return store->get(key);
        });
    receive(reinterpret_cast<const char*>(bytes.data()), bytes.size(), context);
  });
}

vt_status vt_store_has(vt_store handle, const char* key, bool* out) {
  return guard_network([&] { *out = has_key(store(handle), key); });
}

vt_status vt_address_towards(const char* host, char* out, size_t size) {
  return guard_network([&] {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    AddressList found;
    int code = getaddrinfo(host, "9", &hints, &found.first);
    TORCH_CHECK(code == 0, "the host ", host, " is not known: ", gai_strerror(code));
    for (auto* each = found.first; each != nullptr; each = each->ai_next) {
      // A datagram socket is connected without a packet: the system only chooses the way.
      int socket = ::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (socket < 0) continue;
      sockaddr_storage own{};
      socklen_t length = sizeof own;
      bool is_known = connect(socket, each->ai_addr, each->ai_addrlen) == 0 &&
          getsockname(socket, reinterpret_cast<sockaddr*>(&own), &length) == 0;
      close(socket);
      if (is_known &&
          getnameinfo(reinterpret_cast<sockaddr*>(&own), length, out, static_cast<socklen_t>(size), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
        return;
      }
    }
    TORCH_CHECK(false, "there is no way to the host ", host);
  });
}

vt_status vt_group_gloo(
    [[maybe_unused]] vt_store handle, [[maybe_unused]] const char* name, [[maybe_unused]] int32_t rank,
    [[maybe_unused]] int32_t size, [[maybe_unused]] const char* address, [[maybe_unused]] int64_t timeout_ms,
    [[maybe_unused]] vt_group* out) {
  return guard_network([&] {
#if VT_HAS_GLOO
    auto options = c10d::ProcessGroupGloo::Options::create(milliseconds(timeout_ms));
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
    auto own = c10::make_intrusive<c10d::PrefixStore>(name, store(handle));
    auto backend = c10::make_intrusive<c10d::ProcessGroupGloo>(own, rank, size, options);
    *out = {new Group{own, backend}};
#else
    TORCH_CHECK(false, "this build has no process groups: install Gloo's headers (libgloo-dev) and build again");
#endif
  });
}

void vt_group_free(vt_group handle) { delete static_cast<Group*>(handle.impl); }

vt_status vt_all_reduce(vt_group handle, vt_tensor tensor_handle, int32_t op, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors{tensor(tensor_handle)};
    c10d::AllreduceOptions options;
    options.reduceOp = reduce_op(op);
    return backend.allreduce(tensors, options);
  });
}

vt_status vt_reduce_scatter(vt_group handle, vt_tensor output, vt_tensor input, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    return backend._reduce_scatter_base(tensor(output), tensor(input));
  });
}

vt_status vt_all_gather(vt_group handle, vt_tensor output, vt_tensor input, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    return backend._allgather_base(tensor(output), tensor(input));
  });
}

vt_status vt_broadcast(vt_group handle, vt_tensor tensor_handle, int32_t root, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors{tensor(tensor_handle)};
    c10d::BroadcastOptions options;
    options.rootRank = root;
    return backend.broadcast(tensors, options);
  });
}

vt_status vt_all_to_all(
    vt_group handle, vt_tensor output, vt_tensor input, const int64_t* output_counts, const int64_t* input_counts,
    vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    int size = backend.getSize();
    std::vector<int64_t> taken(output_counts, output_counts + size), given(input_counts, input_counts + size);
    return backend.alltoall_base(tensor(output), tensor(input), taken, given);
  });
}

vt_status vt_send(vt_group handle, vt_tensor tensor_handle, int32_t peer, int32_t tag, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors{tensor(tensor_handle)};
    return backend.send(tensors, peer, tag);
  });
}

vt_status vt_receive(vt_group handle, vt_tensor tensor_handle, int32_t peer, int32_t tag, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors{tensor(tensor_handle)};
    return backend.recv(tensors, peer, tag);
  });
}

vt_status vt_barrier(vt_group handle, vt_work* out) {
  return begin(handle, out, [&](c10d::Backend& backend) { return backend.barrier(); });
}

vt_status vt_work_wait(vt_group group_handle, vt_work handle) {
  return guard_network([&] {
    std::unique_ptr<c10::intrusive_ptr<c10d::Work>> work(static_cast<c10::intrusive_ptr<c10d::Work>*>(handle.impl));
    group(group_handle).wait(**work);
  });
}

void vt_work_free(vt_work handle) { delete static_cast<c10::intrusive_ptr<c10d::Work>*>(handle.impl); }
}
