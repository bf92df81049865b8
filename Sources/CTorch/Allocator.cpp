// A CPU allocator that keeps its pages.
//
// A training step allocates and frees the same tensors over and over. Through malloc their pages go back to the system
// and are faulted in, and zeroed, again at each step. Here blocks from 64 kB up are kept by size class and handed out
// again; blocks from 2 MB up lie on huge-page boundaries and ask for huge pages. What is kept is bounded: when free
// blocks would exceed the larger of the peak in use and 64 MB, all of them go back to the system.
//
// Installed as libtorch's CPU allocator when the process loads. Every block starts on a 64-byte boundary, so that
// kernels take the same vector path, and give the same bits, at every step.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <vector>

namespace {

constexpr size_t kHeader = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallestKept = size_t{64} << 10;
constexpr size_t kAlwaysKept = size_t{64} << 20;

/// Stands in the 64 bytes before the data.
struct Header {
  void* base;     // what to give back to the system
  size_t mapped;  // bytes mapped at base; 0 for memory from posix_memalign
  size_t bytes;   // usable bytes after the header
  size_t size_class;
};
static_assert(sizeof(Header) <= kHeader);

/// Eight classes for each doubling: at most 12.5 % of a block is unused. `bytes` is at least kSmallestKept.
size_t class_of(size_t bytes) {
  size_t top = std::bit_width(bytes - 1) - 1;
  size_t step = size_t{1} << (top - 3);
  size_t rounded = (bytes + step - 1) / step * step;
  top = std::bit_width(rounded) - 1;
  return top * 8 + ((rounded >> (top - 3)) & 7);
}

size_t bytes_of(size_t size_class) { return (size_t{8} | (size_class & 7)) << (size_class / 8 - 3); }

Header* header_of(void* data) { return reinterpret_cast<Header*>(static_cast<char*>(data) - kHeader); }

class PageKeepingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* data = bytes == 0 ? nullptr : take(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, size_t count) const override { std::memcpy(to, from, count); }

  vt_memory stats() {
    std::lock_guard lock(mutex_);
    return {static_cast<int64_t>(in_use_), static_cast<int64_t>(peak_), static_cast<int64_t>(in_use_ + kept_)};
  }

  void reset_peak() {
    std::lock_guard lock(mutex_);
    peak_ = in_use_;
  }

  void release_kept() {
    std::lock_guard lock(mutex_);
    release_kept_locked();
  }

  // Never destroyed: tensors in static storage may outlive any order of destruction.
  static PageKeepingAllocator& shared() {
    static auto* allocator = new PageKeepingAllocator;
    return *allocator;
  }

 private:
  void* take(size_t bytes) {
    bool keep = bytes >= kSmallestKept;
    size_t size_class = keep ? class_of(bytes) : 0;
    size_t usable = keep ? bytes_of(size_class) : bytes;
    std::lock_guard lock(mutex_);
    Header* header = nullptr;
    if (keep && !kept_blocks_[size_class].empty()) {
      header = kept_blocks_[size_class].back();
      kept_blocks_[size_class].pop_back();
      kept_ -= header->bytes;
    } else {
      header = obtain(usable, size_class);
      if (header == nullptr) {
        release_kept_locked();
        header = obtain(usable, size_class);
      }
      TORCH_CHECK_WITH(
          OutOfMemoryError, header != nullptr, "out of memory: ", bytes, " bytes were asked for, ", in_use_,
          " are in use by tensors");
    }
    in_use_ += header->bytes;
    peak_ = std::max(peak_, in_use_);
    return reinterpret_cast<char*>(header) + kHeader;
  }

  static void give_back(void* data) {
    if (data != nullptr) shared().put(header_of(data));
  }

  void put(Header* header) {
    std::lock_guard lock(mutex_);
    in_use_ -= header->bytes;
    if (header->size_class == 0) {
      release(header);
      return;
    }
    if (kept_ + header->bytes > std::max(peak_, kAlwaysKept)) release_kept_locked();
    kept_blocks_[header->size_class].push_back(header);
    kept_ += header->bytes;
  }

  static Header* obtain(size_t usable, size_t size_class) {
    size_t total = usable + kHeader;
    if (total < usable) return nullptr;
    void* base = nullptr;
    size_t mapped = 0;
    char* start = nullptr;
    if (total >= kHugePage) {
      mapped = total + kHugePage;
      if (mapped < total) return nullptr;
      base = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (base == MAP_FAILED) return nullptr;
      auto address = (reinterpret_cast<uintptr_t>(base) + kHugePage - 1) / kHugePage * kHugePage;
      start = reinterpret_cast<char*>(address);
#ifdef MADV_HUGEPAGE
      // Refused where huge pages are off: then the block has ordinary pages, which is no error.
      (void)madvise(start, total, MADV_HUGEPAGE);
#endif
    } else {
      if (posix_memalign(&base, kHeader, total) != 0) return nullptr;
      start = static_cast<char*>(base);
    }
    return new (start) Header{base, mapped, usable, size_class};
  }

  static void release(Header* header) {
    void* base = header->base;
    if (header->mapped > 0) {
      munmap(base, header->mapped);
    } else {
      std::free(base);
    }
  }

  void release_kept_locked() {
    for (auto& blocks : kept_blocks_) {
      for (Header* header : blocks) release(header);
      blocks.clear();
    }
    kept_ = 0;
  }

  std::mutex mutex_;
  std::array<std::vector<Header*>, 64 * 8> kept_blocks_;
  size_t in_use_ = 0;
  size_t peak_ = 0;
  size_t kept_ = 0;
};

/// Above libtorch's own registration (priority 0), and before the first tensor.
const bool installed = [] {
  c10::SetCPUAllocator(&PageKeepingAllocator::shared(), 100);
  return true;
}();

}  // namespace

namespace vitrail {

vt_memory cpu_memory() { return PageKeepingAllocator::shared().stats(); }
void reset_cpu_peak() { PageKeepingAllocator::shared().reset_peak(); }
void release_cached_cpu_memory() { PageKeepingAllocator::shared().release_kept(); }

}  // namespace vitrail
