// Parameters and gradients that are whole only while their block of the model computes with them.
//
// c10d matches the ranks' collectives by their order, which is fixed here, G being a gather and R a reduction:
//
//   forward    G0 G1 | G2 | G3 | ...        each block asks for the one behind it, and waits for its own
//   backward   G2 | R3 G1 | R2 G0 | R1 | R0 | R of the rest
#include "collectives.h"

#include "handles.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

using namespace vitrail;

namespace {

/// A buffer of which the ranks have a slice each.
struct Piece {
  /// All of them, [n]. Parameters and their gradients are views, and stay so while the memory behind is given back.
  at::Tensor values, gradients;
  /// This rank's slices, [n / size]. Where the values are undefined, those above are always whole.
  at::Tensor own_values, own_gradients;
  /// What travels of the gradients: they themselves, or in a shorter type.
  at::Tensor sent;
  c10::intrusive_ptr<c10d::Work> gathering, reducing;
};

struct Block {
  std::vector<Piece> pieces;
  size_t num_parameters = 0;
  /// Gradients that are not there yet.
  size_t num_missing = 0;
  bool is_gathered = false;
  bool is_reduced = false;
};

/// Lets a use of memory that was given back be an error in words, where this libtorch can.
template <class Storage>
void refuse_use(Storage& storage, bool refuses) {
  if constexpr (requires { storage.clear_data_ptr_access_error_msg_(); }) {
    storage.clear_data_ptr_access_error_msg_();
    if (refuses) {
      storage.release_data_and_set_meta_custom_data_ptr_error_msg_(
          "a block's weights and gradients are whole only while it computes: the ranks share them out (parallel.zero)");
    }
  }
}

void give_memory_back(const at::Tensor& buffer) {
  auto& storage = *buffer.storage().unsafeGetStorageImpl();
  if (storage.nbytes() == 0) return;
  storage.set_data_ptr_noswap(at::DataPtr(nullptr, buffer.device()));
  storage.set_nbytes(0);
  refuse_use(storage, true);
}

void take_back(const at::Tensor& buffer) {
  auto& storage = *buffer.storage().unsafeGetStorageImpl();
  if (storage.nbytes() > 0) return;
  const size_t size = static_cast<size_t>(buffer.numel()) * buffer.element_size();
  auto memory = storage.allocator()->allocate(size);
  refuse_use(storage, false);
  storage.set_data_ptr_noswap(std::move(memory));
  storage.set_nbytes(size);
}

struct Blocks {
  const Group& group;
  /// In the order of the forward pass; the last one is the rest of the model, whose values are always whole.
  std::vector<Block> blocks;
  std::optional<at::ScalarType> sent_type;
  WatchedParameters watched;
  /// Whether the blocks share their values out, not their gradients alone.
  bool shares_values = false;
  /// Whether all values are whole until the next pass.
  bool is_held = true;
  bool is_armed = false;
  /// The first failure of a collective. A pass goes on without more of them, with wrong numbers, to where it can be thrown.
  std::exception_ptr failure;
  /// Collectives that nobody waits for any more, after a failure; they may still write, so that no memory goes from then on.
  std::vector<c10::intrusive_ptr<c10d::Work>> abandoned;

  explicit Blocks(const Group& group) : group(group) {}

  size_t num_blocks() const { return blocks.size() - 1; }

  template <class Body>
  void collectively(Body&& body) {
    if (failure) return;
    try {
      body();
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (...) {
      failure = std::current_exception();
    }
  }

  void wait_for(c10::intrusive_ptr<c10d::Work>& work) {
    if (!work) return;
    collectively([&] { group.wait(*work); });
    if (failure) abandoned.push_back(work);
    work.reset();
  }

  void give_back(const at::Tensor& buffer) const {
    if (abandoned.empty()) give_memory_back(buffer);
  }

  /// This rank's slice of a buffer.
  at::Tensor own(const Piece& piece, const at::Tensor& buffer) const {
    const int64_t length = piece.own_gradients.numel();
    return buffer.narrow(0, length * group.backend->getRank(), length);
  }

  void start_gather(size_t index) {
    Block& block = blocks[index];
    if (!shares_values || block.is_gathered || index == num_blocks()) return;
    block.is_gathered = true;
    RECORD_USER_SCOPE("gather");
    for (auto& piece : block.pieces) {
      take_back(piece.values);
      collectively([&] { piece.gathering = group.backend->_allgather_base(piece.values, piece.own_values); });
    }
  }

  void finish_gather(size_t index) {
    for (auto& piece : blocks[index].pieces) wait_for(piece.gathering);
  }

  void release_values(size_t index) {
    Block& block = blocks[index];
    if (!block.is_gathered || index == num_blocks()) return;
    finish_gather(index);
    block.is_gathered = false;
    for (auto& piece : block.pieces) give_back(piece.values);
  }

  void enter(size_t index) {
    if (is_held) return;
    start_gather(index);
    if (index + 1 < num_blocks()) start_gather(index + 1);
    finish_gather(index);
  }

  void leave(size_t index) {
    // The backward pass begins with the last one.
    if (!is_held && index + 1 < num_blocks()) release_values(index);
  }

  /// All that the blocks behind this one had to compute has been computed: what is ready runs in the order in which the
  /// forward pass made it, the last first, and gradients of parameters before anything else.
  void begin_backward(size_t index) {
    if (!is_armed) return;
    for (size_t after = num_blocks(); after-- > index + 1;) {
      start_reduction(after);
      release_values(after);
      if (after > index + 1) finish_reduction(after);
    }
    start_gather(index);
    if (index > 0) start_gather(index - 1);
    finish_gather(index);
    make_gradients(blocks[index]);
  }

  void make_gradients(Block& block) {
    for (auto& piece : block.pieces) {
      take_back(piece.gradients);
      piece.gradients.zero_();
    }
  }

  void start_reduction(size_t index) {
    Block& block = blocks[index];
    if (block.is_reduced) return;
    block.is_reduced = true;
    RECORD_USER_SCOPE("reduce");
    for (auto& piece : block.pieces) {
      piece.sent = sent_type ? piece.gradients.to(*sent_type) : piece.gradients;
      // Gloo has no reduce-scatter: libtorch's is this sum of a copy, which cannot be waited for with a time-out.
      std::vector<at::Tensor> tensors{piece.sent};
      collectively([&] { piece.reducing = group.backend->allreduce(tensors); });
    }
  }

  void finish_reduction(size_t index, bool counts = true) {
    for (auto& piece : blocks[index].pieces) {
      wait_for(piece.reducing);
      if (piece.sent.defined() && counts && !failure) piece.own_gradients.add_(own(piece, piece.sent));
      piece.sent.reset();
      give_back(piece.gradients);
    }
  }

  /// Makes everything as before a pass; what was under way is waited for, since it writes to memory that goes.
  void reset() {
    is_armed = false;
    failure = nullptr;
    for (size_t index = 0; index < blocks.size(); index++) {
      Block& block = blocks[index];
      block.num_missing = block.num_parameters;
      block.is_reduced = false;
      if (!is_held) release_values(index);
      finish_reduction(index, false);
    }
    failure = nullptr;
  }

  /// Ends the time in which all values are whole.
  void share() {
    if (!is_held) return;
    is_held = false;
    if (!shares_values) return;
    for (size_t index = 0; index < num_blocks(); index++) {
      for (auto& piece : blocks[index].pieces) {
        piece.own_values.copy_(own(piece, piece.values));
      }
      blocks[index].is_gathered = true;
      release_values(index);
    }
  }

  void arm() {
    share();
    reset();
    is_armed = true;
    make_gradients(blocks.back());
  }

  /// The collectives of a pass, in its order, on a rank that has nothing to compute.
  void skip() {
    for (size_t index = 0; index < num_blocks(); index++) {
      enter(index);
      leave(index);
    }
    for (size_t index = num_blocks(); index-- > 0;) begin_backward(index);
  }

  /// Ends a pass. Gives how many reductions the backward pass has started.
  int64_t finish() {
    int64_t overlapped = 0;
    for (auto& block : blocks) overlapped += block.is_reduced ? 1 : 0;
    for (size_t index = num_blocks(); index-- > 0;) start_reduction(index);
    start_reduction(num_blocks());
    for (size_t index = 0; index < blocks.size(); index++) finish_reduction(index);
    auto failed = failure;
    reset();
    if (failed) std::rethrow_exception(failed);
    return overlapped;
  }

  void hold() {
    if (is_held) return;
    reset();
    for (size_t index = 0; index < num_blocks(); index++) start_gather(index);
    for (size_t index = 0; index < num_blocks(); index++) finish_gather(index);
    is_held = true;
    if (failure) std::rethrow_exception(failure);
  }
};

struct Hook : torch::autograd::PostAccumulateGradHook {
  Blocks* owner;
  size_t index;
  Hook(Blocks* owner, size_t index) : owner(owner), index(index) {}

  void operator()(const torch::autograd::Variable&) override {
    if (!owner->is_armed) return;
    at::NoGradGuard no_grad;
    Block& block = owner->blocks[index];
    if (block.num_missing > 0) block.num_missing -= 1;
    // That of the rest goes last, when the pass is over.
    if (block.num_missing == 0 && index < owner->num_blocks()) owner->start_reduction(index);
  }
};

/// Shared, because a graph that outlives them has hooks that would ask for them.
std::shared_ptr<Blocks>& shared(vt_sharded_blocks handle) { return *static_cast<std::shared_ptr<Blocks>*>(handle.impl); }

Blocks& blocks(vt_sharded_blocks handle) { return *shared(handle); }

}  // namespace

extern "C" {

vt_status vt_sharded_blocks_create(
    vt_group group_handle, const vt_block_piece* given, size_t count, size_t num_blocks, bool compresses, vt_dtype dtype,
    vt_sharded_blocks* out) {
  return guard([&] {
    at::NoGradGuard no_grad;
    auto made = std::make_shared<Blocks>(group(group_handle));
    made->blocks.resize(num_blocks + 1);
    if (compresses) made->sent_type = scalar_type(dtype);
    for (size_t place = 0; place < count; place++) {
      const vt_block_piece& from = given[place];
      Block& block = made->blocks.at(from.block);
      Piece piece;
      piece.values = tensor(from.values);
      piece.gradients = tensor(from.gradients);
      piece.own_gradients = tensor(from.own_gradients);
      if (from.own_values.impl != nullptr) {
        piece.own_values = tensor(from.own_values);
        made->shares_values = true;
      }
      block.pieces.push_back(std::move(piece));
      block.num_parameters += from.num_parameters;
      for (size_t each = 0; each < from.num_parameters; each++) {
        made->watched.watch(tensor(from.parameters[each]), std::make_unique<Hook>(made.get(), from.block));
      }
    }
    made->reset();
    *out = {new std::shared_ptr<Blocks>(std::move(made))};
  });
}

void vt_sharded_blocks_free(vt_sharded_blocks handle) { delete &shared(handle); }

vt_status vt_sharded_blocks_arm(vt_sharded_blocks handle) {
  return guard([&] {
    at::NoGradGuard no_grad;
    blocks(handle).arm();
  });
}

vt_status vt_sharded_blocks_enter(vt_sharded_blocks handle, size_t index) {
  return guard([&] {
    at::NoGradGuard no_grad;
    blocks(handle).enter(index);
  });
}

vt_status vt_sharded_blocks_leave(vt_sharded_blocks handle, size_t index, vt_tensor output) {
  return guard([&] {
    Blocks& all = blocks(handle);
    if (all.is_armed && tensor(output).requires_grad()) {
      tensor(output).register_hook([there = std::weak_ptr<Blocks>(shared(handle)), index](const at::Tensor&) {
        at::NoGradGuard no_grad;
        auto all = there.lock();
        TORCH_CHECK(all, "the ranks that share the model's blocks out are gone: keep them for the backward pass");
        all->begin_backward(index);
      });
    }
    at::NoGradGuard no_grad;
    all.leave(index);
  });
}

vt_status vt_sharded_blocks_skip(vt_sharded_blocks handle) {
  return guard([&] {
    at::NoGradGuard no_grad;
    blocks(handle).skip();
  });
}

vt_status vt_sharded_blocks_finish(vt_sharded_blocks handle, int64_t* overlapped) {
  return guard_network([&] {
    at::NoGradGuard no_grad;
    *overlapped = blocks(handle).finish();
  });
}

vt_status vt_sharded_blocks_share(vt_sharded_blocks handle) {
  return guard([&] {
    at::NoGradGuard no_grad;
    blocks(handle).share();
  });
}

vt_status vt_sharded_blocks_hold(vt_sharded_blocks handle) {
  return guard_network([&] {
    at::NoGradGuard no_grad;
    blocks(handle).hold();
  });
}
}
