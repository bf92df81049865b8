import Augment
public import Dataset
public import NN
public import Parallelism
public import Torch

/// A batch as the compute half sees it.
public struct DeviceBatch {
  /// float32 [N, 3, H, W], normalised
  public let images: Tensor
  /// int64 [N]
  public let labels: Tensor
  /// The epoch, counted from 0.
  public let epoch: Int
  /// Its place in the epoch.
  public let index: Int
  /// The names of the images' files.
  public let paths: [String]
  /// How its samples are to be mixed with one another; nil leaves them as they are.
  public let mixing: DeviceMixing?
  /// The place of its first sample in the batch over all ranks, and the step from one to the next.
  public let places: (first: Int, step: Int)
  /// N
  public var count: Int { paths.count }

  /// A batch whose tensors are on one device.
  public init(
    images: Tensor, labels: Tensor, epoch: Int, index: Int, paths: [String], mixing: DeviceMixing? = nil,
    places: (first: Int, step: Int) = (0, 1)
  ) {
    self.images = images
    self.labels = labels
    self.epoch = epoch
    self.index = index
    self.paths = paths
    self.mixing = mixing
    self.places = places
  }

  /// The images, mixed in place by the plan that came with them, and what they now show.
  public func mixed() -> (images: Tensor, target: ClassTarget) {
    // Images that did not fit on the device have no shape; the scope around this throws.
    guard let mixing, images.ndim == 4 else { return (images, ClassTarget(labels)) }
    return (mixing.mix(images), mixing.target(of: labels))
  }
}

/// Moves batches to a device, with all that a step needs there: on the CPU nothing is copied. Nothing waits for the device
/// where the images lie in pinned memory. Images that are not normalised yet are normalised there, to the same bits.
public struct DeviceTransfer {
  /// Where batches go.
  public let device: Device
  /// Plans how the samples of a batch are mixed with one another; nil leaves them as they are.
  public let mixing: BatchMixing?
  private let group: ProcessGroup

  /// A transfer to `device`.
  /// - Parameter group: the ranks that share a batch, and mix its samples with one another.
  public init(to device: Device, mixing: BatchMixing? = nil, group: ProcessGroup = .alone) {
    self.device = device
    self.mixing = mixing
    self.group = group
  }

  /// Takes the memory of a batch over.
  /// - Throws: `CollectiveError` where samples of other ranks do not come.
  public func callAsFunction(_ batch: Batch) throws -> DeviceBatch {
    let (paths, shape, deferred) = (batch.paths, batch.imageShape, batch.deferred)
    let plan = mixing?.plan(
      epoch: batch.epoch, batch: batch.index, count: batch.share.count, height: batch.height, width: batch.width)
    let (pointer, deallocate) = batch.takeImageMemory().take()
    // The address is given back once, by whoever lets go last.
    nonisolated(unsafe) let memory = pointer
    let host = Tensor.borrowing(memory, shape: shape, dtype: deferred == nil ? .float32 : .uint8) { deallocate(memory) }
    // Ordinary memory has been read when the call returns; pinned memory is held until it has.
    let images = host.to(device, nonBlocking: true)
    func numbers(_ images: Tensor) -> Tensor { deferred.map { $0.numbers(of: images) } ?? images }
    let mixed = try plan.map {
      try PartnerExchange(group: group)(
        $0, share: batch.share, places: batch.places, images: images, labels: batch.labels)
    }
    let received = mixed?.received.map {
      DeviceMixing.Received(images: numbers($0.images), labels: $0.labels.to(device, nonBlocking: true))
    }
    return DeviceBatch(
      images: numbers(images), labels: Tensor(batch.labels).to(device, nonBlocking: true), epoch: batch.epoch,
      index: batch.index, paths: paths,
      mixing: mixed.map { DeviceMixing($0.plan, on: device, received: received) },
      places: (batch.share.places(of: group.rank).first { _ in true } ?? 0, batch.share.step))
  }
}

extension Normalize {
  /// The float32 numbers of samples, uint8 [N, 3, H, W], on their device: (sample / 255 - mean) / std, each operation
  /// rounded, and so to the last bit those of `write`.
  func numbers(of samples: Tensor) -> Tensor {
    func ofChannels(_ values: [Float]) -> Tensor {
      Tensor(values, shape: [1, 3, 1, 1]).to(samples.device, nonBlocking: true)
    }
    // Divisors are tensors of the device: a number of the host's is multiplied as its reciprocal there.
    return samples.to(.float32).div_(.full([], 255, device: samples.device))
      .add_(ofChannels(mean), alpha: -1).div_(ofChannels(std))
  }
}

/// Pinned memory of the host for batches that go to a GPU, which copies from it while the host goes on. It is libtorch's:
/// a block that is given back is handed out again only after the copies from it that were begun have ended, and is pinned
/// once. What needs a GPU here has never run on one.
public struct PinnedAllocator: BatchAllocator {
  /// An allocator for a device's batches.
  /// - Throws: `TorchError.noSuchDevice` where that is no GPU of this machine and this build of libtorch.
  public init(for device: Device) throws {
    guard device.kind == .cuda, device.index < Device.count(of: .cuda) else {
      throw TorchError.noSuchDevice(
        "there is no pinned memory for \(device): only a CUDA device of this machine copies from it; take ordinary memory"
      )
    }
  }

  /// A block of pinned memory. Throws `TorchError.outOfMemory`.
  public func allocate(byteCount: Int) throws -> BatchMemory {
    // A copy is known to libtorch by the block's address; what holds the block is this tensor, which no one else sees.
    let (block, pointer) = try recovering {
      let block = Tensor.empty([max(byteCount, 1)], dtype: .uint8, pinned: true)
      return (block, block.withMutableBytes(\.baseAddress))
    }
    guard let pointer else { throw DataLoaderError.outOfMemory(byteCount: byteCount) }
    nonisolated(unsafe) let held = block
    return BatchMemory(pointer: pointer, byteCount: byteCount) { _ in withExtendedLifetime(held) {} }
  }
}
