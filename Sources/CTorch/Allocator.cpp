// A CPU allocator that keeps its pages.
//
// A training step allocates and frees the same tensors over and over. Through malloc their pages go back to the system
// and are faulted in, and zeroed, again at each step. Here tensors from 64 kB up lie in large regions, on huge pages
// where the system has them: a request takes the smallest free block that holds it and leaves the rest free, and a block
// that is freed joins its free neighbours. So sizes of every kind serve one another, and what is held stays close to the
// most that was in use at once.
//
// Pages go back to the system when memory runs out, when a caller asks for it, and when a long stretch of requests needed
// less than half of what is held (after a large evaluation, say). They never go back within the rhythm of a step.
//
// Installed as libtorch's CPU allocator when the process loads. Every tensor starts on a 64-byte boundary, so that
// kernels take the same vector path, and give the same bits, at every step.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallest = size_t{64} << 10;   // below, malloc serves
constexpr size_t kRegion = size_t{1} << 30;      // address space only: pages come at their first touch
constexpr size_t kAlwaysKept = size_t{64} << 20;
constexpr int kStretch = 1 << 17;                // requests after which what is held is compared with what was needed

/// Stands in the 64 bytes before the data; together the blocks of a region tile it.
struct Block {
  size_t size = 0;         // with this header; a multiple of kAlignment
  size_t resident = 0;     // of a free block: the bytes that likely have pages
  Block* below = nullptr;  // the block before this one in its region
  bool is_last = false;    // of its region
  bool is_free = false;
  bool is_small = false;    // from malloc, in no region
  Block* next = nullptr;    // of a free block: its neighbours in the bin
  Block* previous = nullptr;

  Block* above() { return is_last ? nullptr : reinterpret_cast<Block*>(reinterpret_cast<char*>(this) + size); }
  void* data() { return reinterpret_cast<char*>(this) + kAlignment; }
  static Block* of(void* data) { return reinterpret_cast<Block*>(static_cast<char*>(data) - kAlignment); }
};
static_assert(sizeof(Block) <= kAlignment);

/// `size` rounded up to a multiple of a power of two; 0 where that overflows.
size_t rounded_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }

/// Free blocks by size, eight bins for each doubling.
class Bins {
 public:
  void insert(Block* block) {
    size_t bin = bin_of(block->size);
    block->previous = nullptr;
    block->next = heads_[bin];
    if (block->next != nullptr) block->next->previous = block;
    heads_[bin] = block;
    filled_[bin / 64] |= uint64_t{1} << (bin % 64);
  }

  void remove(Block* block) {
    size_t bin = bin_of(block->size);
    if (block->next != nullptr) block->next->previous = block->previous;
    (block->previous != nullptr ? block->previous->next : heads_[bin]) = block->next;
    if (heads_[bin] == nullptr) filled_[bin / 64] &= ~(uint64_t{1} << (bin % 64));
  }

  /// The smallest block of at least `size` bytes; of equal ones the one freed last.
  Block* smallest(size_t size) const {
    for (size_t bin = next_filled(bin_of(size)); bin < kCount; bin = next_filled(bin + 1)) {
      Block* best = nullptr;
      for (Block* block = heads_[bin]; block != nullptr; block = block->next) {
        if (block->size >= size && (best == nullptr || block->size < best->size)) best = block;
      }
      if (best != nullptr) return best;
    }
    return nullptr;
  }

  template <class Body>
  void for_each(Body&& body) {
    for (Block* head : heads_) {
      for (Block* block = head; block != nullptr;) {
        Block* next = block->next;
        body(block);
        block = next;
      }
    }
  }

 private:
  static constexpr size_t kCount = 64 * 8;

  static size_t bin_of(size_t size) {
    size_t top = std::bit_width(size) - 1;
    return top * 8 + ((size >> (top - 3)) & 7);
  }

  size_t next_filled(size_t bin) const {
    for (size_t word = bin / 64; word < filled_.size(); ++word) {
      uint64_t bits = filled_[word];
      if (word == bin / 64) bits &= ~uint64_t{0} << (bin % 64);
      if (bits != 0) return word * 64 + std::countr_zero(bits);
    }
    return kCount;
  }

  std::array<Block*, kCount> heads_{};
  std::array<uint64_t, kCount / 64> filled_{};
};

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

  int64_t requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  void fail_at(int64_t request) {
    std::lock_guard lock(mutex_);
    failing_ = request;
  }

  // Never destroyed: tensors in static storage may outlive any order of destruction.
  static PageKeepingAllocator& shared() {
    static auto* allocator = new PageKeepingAllocator;
    return *allocator;
  }

 private:
  void* take(size_t bytes) {
    size_t size = rounded_up(bytes + kAlignment, kAlignment);
    Block* block = nullptr;
    std::lock_guard lock(mutex_);
    if (++requests_ != failing_ && size > bytes) {
      block = bytes < kSmallest ? small(size) : large(size);
      if (block == nullptr) {
        release_kept_locked();
        block = bytes < kSmallest ? small(size) : large(size);
      }
    }
    TORCH_CHECK_WITH(
        OutOfMemoryError, block != nullptr, "out of memory: ", bytes, " bytes were asked for, ", in_use_,
        " are in use by tensors");
    in_use_ += block->size;
    peak_ = std::max(peak_, in_use_);
    count_stretch();
    return block->data();
  }

  static void give_back(void* data) {
    if (data != nullptr) shared().put(Block::of(data));
  }

  void put(Block* block) {
    std::lock_guard lock(mutex_);
    in_use_ -= block->size;
    if (block->is_small) {
      std::free(block);
      return;
    }
    block->resident = block->size;
    kept_ += block->resident;
    if (Block* above = block->above(); above != nullptr && above->is_free) {
      bins_.remove(above);
      join(block, above);
    }
    if (Block* below = block->below; below != nullptr && below->is_free) {
      bins_.remove(below);
      join(below, block);
      block = below;
    }
    make_free(block);
  }

  static Block* small(size_t size) {
    void* memory = nullptr;
    if (posix_memalign(&memory, kAlignment, size) != 0) return nullptr;
    return new (memory) Block{.size = size, .is_last = true, .is_small = true};
  }

  /// A block of a region, cut to size.
  Block* large(size_t size) {
    Block* block = bins_.smallest(size);
    if (block != nullptr) {
      bins_.remove(block);
    } else {
      block = new_region(size);
      if (block == nullptr) return nullptr;
    }
    block->is_free = false;
    kept_ -= block->resident;
    if (block->size - size >= kSmallest) {
      auto* rest = new (reinterpret_cast<char*>(block) + size) Block{
          .size = block->size - size,
          .resident = block->resident > size ? block->resident - size : 0,
          .below = block,
          .is_last = block->is_last};
      if (Block* above = rest->above()) above->below = rest;
      block->size = size;
      block->is_last = false;
      kept_ += rest->resident;
      make_free(rest);
    }
    return block;
  }

  void make_free(Block* block) {
    block->is_free = true;
    bins_.insert(block);
  }

  /// The two become the first; neither is in a bin.
  static void join(Block* block, Block* above) {
    block->size += above->size;
    block->resident += above->resident;
    block->is_last = above->is_last;
    if (Block* next = block->above()) next->below = block;
  }

  /// One free block over a new region, in no bin; nullptr where the system has no memory.
  static Block* new_region(size_t size) {
    size_t least = rounded_up(size, kHugePage);
    if (least < size) return nullptr;
    for (size_t bytes : {std::max(least, kRegion), least}) {
      // Mapped with a huge page to spare, and cut to where huge pages begin.
      if (bytes + kHugePage < bytes) continue;
      void* mapped = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (mapped == MAP_FAILED) continue;
      auto begin = reinterpret_cast<uintptr_t>(mapped), start = rounded_up(begin, kHugePage);
      if (start > begin) munmap(mapped, start - begin);
      munmap(reinterpret_cast<void*>(start + bytes), begin + kHugePage - start);
#ifdef MADV_HUGEPAGE
      // Refused where huge pages are off: then the region has ordinary pages, which is no error.
      (void)madvise(reinterpret_cast<void*>(start), bytes, MADV_HUGEPAGE);
#endif
      return new (reinterpret_cast<void*>(start)) Block{.size = bytes, .is_last = true};
    }
    return nullptr;
  }

  /// After a long stretch of requests: what it did not need goes back, if that is more than half.
  void count_stretch() {
    stretch_peak_ = std::max(stretch_peak_, in_use_);
    if (++stretch_ < kStretch) return;
    if (in_use_ + kept_ > 2 * stretch_peak_ + kAlwaysKept) release_kept_locked();
    stretch_ = 0;
    stretch_peak_ = in_use_;
  }

  void release_kept_locked() {
    bins_.for_each([this](Block* block) {
      if (block->below == nullptr && block->is_last) {
        bins_.remove(block);
        kept_ -= block->resident;
        munmap(block, block->size);
        return;
      }
      // The header stays.
      const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
      auto start = rounded_up(reinterpret_cast<uintptr_t>(block) + kAlignment, page);
      auto end = (reinterpret_cast<uintptr_t>(block) + block->size) & ~(page - 1);
      if (block->resident == 0 || end <= start || madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED) != 0)
        return;
      size_t resident = std::min(block->resident, block->size - (end - start));
      kept_ -= block->resident - resident;
      block->resident = resident;
    });
  }

  std::mutex mutex_;
  Bins bins_;
  size_t in_use_ = 0;
  size_t peak_ = 0;
  size_t kept_ = 0;  // the resident bytes of free blocks
  size_t stretch_peak_ = 0;
  int stretch_ = 0;
  int64_t requests_ = 0;
  int64_t failing_ = 0;  // the number of the request that a test lets fail; 0 for none
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
int64_t cpu_requests() { return PageKeepingAllocator::shared().requests(); }
void fail_cpu_request(int64_t request) { PageKeepingAllocator::shared().fail_at(request); }
void release_cached_cpu_memory() { PageKeepingAllocator::shared().release_kept(); }

}  // namespace vitrail
