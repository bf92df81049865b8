#include "ctorch_device.h"

#include "Kernels/products.h"
#include "allocator.h"
#include "guard.h"
#include "handles.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <array>
#include <cstdio>
#include <dlfcn.h>
#include <torch/version.h>

using namespace vitrail;

extern "C" {

int32_t vt_device_count(int32_t type) {
  if (type == VT_CPU) return 1;
  if (type != VT_CUDA || !at::hasCUDA()) return 0;
  try {
    return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount();
  } catch (...) {
    return 0;
  }
}

vt_status vt_device_synchronize(vt_device on) {
  return guard([&] {
    auto where = device(on);
    if (!where.is_cpu()) c10::impl::VirtualGuardImpl(where.type()).synchronizeDevice(where.index());
  });
}

vt_status vt_memory_stats(vt_device on, vt_memory* out) {
  return guard([&] {
    auto where = device(on);
    if (where.is_cpu()) {
      *out = cpu_memory();
      return;
    }
    auto stats = c10::getDeviceAllocator(where.type())->getDeviceStats(where.index());
    constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    *out = {stats.allocated_bytes[all].current, stats.allocated_bytes[all].peak, stats.reserved_bytes[all].current};
  });
}

vt_status vt_memory_capacity(vt_device on, int64_t* free_bytes, int64_t* total_bytes) {
  return guard([&] {
    auto where = device(on);
    auto [free, total] = c10::getDeviceAllocator(where.type())->getMemoryInfo(where.index());
    *free_bytes = static_cast<int64_t>(free);
    *total_bytes = static_cast<int64_t>(total);
  });
}

vt_status vt_device_name(vt_device on, char* out, size_t size) {
  return guard([&] {
    auto where = device(on);
    TORCH_CHECK(where.is_cuda() && size > 0, "only a GPU has a name");
    // The CUDA headers come with no wheel; these three functions of the driver keep their form, and number the devices as
    // libtorch does.
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    TORCH_CHECK(driver, "the GPU's driver cannot be loaded: ", dlerror());
    auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
    auto get = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
    auto name = reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName"));
    int handle = 0;
    std::array<char, 256> text{};
    TORCH_CHECK(
        init && get && name && init(0) == 0 && get(&handle, where.index()) == 0 &&
            name(text.data(), static_cast<int>(text.size()) - 1, handle) == 0,
        "the GPU's driver does not tell the name of ", where);
    std::snprintf(out, size, "%s", text.data());
  });
}

vt_status vt_memory_reset_peak(vt_device on) {
  return guard([&] {
    auto where = device(on);
    where.is_cpu() ? reset_cpu_peak() : c10::getDeviceAllocator(where.type())->resetPeakStats(where.index());
  });
}

vt_status vt_memory_release_cached(vt_device on) {
  return guard([&] {
    auto where = device(on);
    where.is_cpu() ? release_cached_cpu_memory() : c10::getDeviceAllocator(where.type())->emptyCache();
  });
}

int64_t vt_memory_requests(void) { return cpu_requests(); }

void vt_memory_fail_at(int64_t request) { fail_cpu_request(request); }

vt_status vt_set_num_threads(int32_t count) {
  return guard([&] {
    TORCH_CHECK(count > 0, "a thread count is at least 1, got ", count);
    at::set_num_threads(count);
  });
}

int32_t vt_num_threads(void) { return at::get_num_threads(); }

vt_status vt_set_deterministic(bool enabled) {
  return guard([&] {
    at::globalContext().setDeterministicAlgorithms(enabled, /*warn_only=*/true);
    // Otherwise every new tensor is filled with NaN first, which costs a pass over its memory.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
  });
}

bool vt_deterministic(void) { return at::globalContext().deterministicAlgorithms(); }

const char* vt_torch_version(void) { return TORCH_VERSION; }

vt_status vt_torch_config(void (*receive)(const char*, size_t, void*), void* context) {
  return guard([&] {
    std::string config = at::show_config();
    receive(config.data(), config.size(), context);
  });
}

int32_t vt_matmul_backend(void) { return matmul_backend(); }

void vt_set_matmul_backend(int32_t backend) { set_matmul_backend(backend); }

bool vt_matmul_backend_available(int32_t backend) {
  return backend == VT_MATMUL_NATIVE || (backend == VT_MATMUL_ONEDNN && onednn_available());
}
}
