// Processes that compute together: c10d's stores and process groups, and gradients that are reduced while a backward pass
// runs. What fails here is the network's or another process's fault: VT_NETWORK, with c10d's message.
#pragma once
#include "ctorch_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct { void *impl; } vt_store;
typedef struct { void *impl; } vt_group;
/// A collective under way.
typedef struct { void *impl; } vt_work;
typedef struct { void *impl; } vt_buckets;

/// Whether process groups were compiled in: Gloo's headers were there.
bool vt_groups_available(void);

/// A store of bytes by key that one process serves at a port and all others reach; port 0 takes a free one.
VT_CHECKED vt_status vt_store_tcp(
    const char *host, uint16_t port, bool is_server, int64_t timeout_ms, vt_store *out, uint16_t *bound_port);
/// A store of this process alone.
VT_CHECKED vt_status vt_store_local(vt_store *out);
void vt_store_free(vt_store store);
VT_CHECKED vt_status vt_store_set(vt_store store, const char *key, const void *bytes, size_t count);
/// Waits until the key is there, and hands its bytes to `receive`.
VT_CHECKED vt_status vt_store_get(
    vt_store store, const char *key, int64_t timeout_ms, void (*receive)(const char *, size_t, void *), void *context);
/// Whether the key is there, without waiting for it.
VT_CHECKED vt_status vt_store_has(vt_store store, const char *key, bool *out);

/// The address of this machine's end of the way to a host, numeric, in at most `size` bytes with the final zero.
VT_CHECKED vt_status vt_address_towards(const char *host, char *out, size_t size);

/// A group over Gloo. `name` tells it from others at the same store; `address` is this machine's own.
VT_CHECKED vt_status vt_group_gloo(
    vt_store store, const char *name, int32_t rank, int32_t size, const char *address, int64_t timeout_ms,
    vt_group *out);
/// Waits for what is under way.
void vt_group_free(vt_group group);

enum { VT_SUM = 0, VT_MAX = 1, VT_MIN = 2 };
VT_CHECKED vt_status vt_all_reduce(vt_group group, vt_tensor tensor, int32_t op, vt_work *out);
/// `output` becomes part `rank` of the sum of all inputs, which are `size` times as long.
VT_CHECKED vt_status vt_reduce_scatter(vt_group group, vt_tensor output, vt_tensor input, vt_work *out);
/// `output` becomes the inputs of all ranks, one after the other.
VT_CHECKED vt_status vt_all_gather(vt_group group, vt_tensor output, vt_tensor input, vt_work *out);
VT_CHECKED vt_status vt_broadcast(vt_group group, vt_tensor tensor, int32_t root, vt_work *out);
/// Sends rows of `input` to each rank and takes rows of `output` from each, by counts of rows.
VT_CHECKED vt_status vt_all_to_all(
    vt_group group, vt_tensor output, vt_tensor input, const int64_t *output_counts, const int64_t *input_counts,
    vt_work *out);
VT_CHECKED vt_status vt_send(vt_group group, vt_tensor tensor, int32_t peer, int32_t tag, vt_work *out);
VT_CHECKED vt_status vt_receive(vt_group group, vt_tensor tensor, int32_t peer, int32_t tag, vt_work *out);
VT_CHECKED vt_status vt_barrier(vt_group group, vt_work *out);
/// Waits for the end of a collective of the group, and frees it. A failure that another rank reports under the group's key
/// `aborted` ends it early.
VT_CHECKED vt_status vt_work_wait(vt_group group, vt_work work);
/// Frees one that nobody waits for.
void vt_work_free(vt_work work);

/// A slice of a gradients' buffer: elements begin..<end of `gradients`, with those parameters whose gradients lie in it.
typedef struct {
  vt_tensor gradients;
  int64_t begin, end;
  const vt_tensor *parameters;
  size_t num_parameters;
} vt_bucket;

/// Watches the parameters' gradients: once armed, a bucket whose gradients are all there is reduced over the group while
/// the backward pass goes on, in the order given, which has to be the same on all ranks.
/// With `dtype` the sum is made in that type, and goes back into the buffer's.
VT_CHECKED vt_status vt_buckets_create(
    vt_group group, const vt_bucket *buckets, size_t count, bool compresses, vt_dtype dtype, vt_buckets *out);
void vt_buckets_free(vt_buckets buckets);
/// The next backward pass is the last one before `vt_buckets_finish`.
VT_CHECKED vt_status vt_buckets_arm(vt_buckets buckets);
/// Starts what is not started yet, and waits for all. `overlapped` tells how many were started by the backward pass.
VT_CHECKED vt_status vt_buckets_finish(vt_buckets buckets, int64_t *overlapped);

typedef struct { void *impl; } vt_sharded_blocks;

/// A buffer of a block's values and one of their gradients, of which each rank keeps a slice.
typedef struct {
  /// The place of its block in the forward pass; behind the last block, that of the rest of the model.
  size_t block;
  vt_tensor values, gradients;
  /// This rank's slices, with memory of their own; a null handle leaves the values whole, as those of the rest have to be.
  vt_tensor own_values, own_gradients;
  const vt_tensor *parameters;
  size_t num_parameters;
} vt_block_piece;

/// Gives the memory of the gradients back. That of the values follows with the first pass. With `dtype` gradients are
/// summed in that type.
VT_CHECKED vt_status vt_sharded_blocks_create(
    vt_group group, const vt_block_piece *pieces, size_t count, size_t num_blocks, bool compresses, vt_dtype dtype,
    vt_sharded_blocks *out);
void vt_sharded_blocks_free(vt_sharded_blocks blocks);
/// Begins a pass, forward and backward, which ends with `vt_sharded_blocks_finish`.
VT_CHECKED vt_status vt_sharded_blocks_arm(vt_sharded_blocks blocks);
/// Before and after a block computes, in the forward pass; what it does before the backward pass of the block hangs on
/// `output`.
VT_CHECKED vt_status vt_sharded_blocks_enter(vt_sharded_blocks blocks, size_t index);
VT_CHECKED vt_status vt_sharded_blocks_leave(vt_sharded_blocks blocks, size_t index, vt_tensor output);
/// In place of a forward and a backward pass, on a rank that has no samples.
VT_CHECKED vt_status vt_sharded_blocks_skip(vt_sharded_blocks blocks);
/// Adds the ranks' sums to this rank's gradients. `overlapped` tells how many sums were started by the backward pass.
VT_CHECKED vt_status vt_sharded_blocks_finish(vt_sharded_blocks blocks, int64_t *overlapped);
/// Makes all values whole, until the next pass, or until they are shared out again.
VT_CHECKED vt_status vt_sharded_blocks_hold(vt_sharded_blocks blocks);
VT_CHECKED vt_status vt_sharded_blocks_share(vt_sharded_blocks blocks);

#ifdef __cplusplus
}
#endif
