public import Dataset
public import Torch

/// A batch as the compute half sees it.
public struct DeviceBatch {
  /// float32 [N, 3, H, W]
  public let images: Tensor
  /// int64 [N]
  public let labels: Tensor
  /// The epoch, counted from 0.
  public let epoch: Int
  /// Its place in the epoch.
  public let index: Int
  /// The names of the images' files.
  public let paths: [String]
  /// N
  public var count: Int { paths.count }

  /// A batch whose tensors are on one device.
  public init(images: Tensor, labels: Tensor, epoch: Int, index: Int, paths: [String]) {
    self.images = images
    self.labels = labels
    self.epoch = epoch
    self.index = index
    self.paths = paths
  }
}

/// Moves batches to a device: on the CPU nothing is copied.
public struct DeviceTransfer {
  /// Where batches go.
  public let device: Device

  /// A transfer to `device`.
  public init(to device: Device) { self.device = device }

  /// Takes the memory of a batch over.
  public func callAsFunction(_ batch: Batch) -> DeviceBatch {
    let paths = batch.paths
    let shape = batch.imageShape
    let (pointer, deallocate) = batch.takeImageMemory().take()
    // The address is given back once, by whoever lets go last.
    nonisolated(unsafe) let memory = pointer
    let images = Tensor.borrowing(memory, shape: shape, dtype: .float32) { deallocate(memory) }
    let labels = Tensor(batch.labels)
    return DeviceBatch(
      images: images.to(device), labels: labels.to(device), epoch: batch.epoch, index: batch.index, paths: paths)
  }
}
