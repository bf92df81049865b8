public import NN
public import Torch

/// A plan with what a device needs of it, so that nothing is sent while the batch is mixed.
public struct DeviceMixing {
  /// The plan.
  public let plan: MixingPlan
  /// int64 [N]
  private let partners: Tensor
  /// How much of each sample's own class counts: float32 [N].
  private let weights: Tensor
  /// How much of the partner's pixels is blended in: float32 [N, 1, 1, 1]; nil where none is.
  private let blend: Tensor?
  private let received: Received?

  /// Samples of other ranks that are partners of the batch's own.
  public struct Received {
    /// [M, C, H, W], as the batch's images
    public var images: Tensor
    /// int64 [M]
    public var labels: Tensor
  }

  /// Sends a plan to the device of the images that it is for.
  public init(_ plan: MixingPlan, on device: Device, received: Received? = nil) {
    self.plan = plan
    self.received = received
    partners = Tensor(plan.partners).to(device, nonBlocking: true)
    weights = Tensor(plan.weights.map(Float.init)).to(device, nonBlocking: true)
    let parts = zip(plan.weights, plan.boxes).map { weight, box in box == nil ? Float(1 - weight) : 0 }
    blend =
      parts.contains { $0 != 0 }
      ? Tensor(parts, shape: [plan.count, 1, 1, 1]).to(device, nonBlocking: true) : nil
  }

  /// Mixes images [N, C, H, W], in place, on their device: a sample with a box gets the partner's pixels there, one
  /// without becomes weight x own + (1 - weight) x partner, both from the images as they were.
  @discardableResult
  public func mix(_ images: Tensor) -> Tensor {
    requireShape(images.ndim == 4 && images.size(0) == plan.count, "a plan for \(plan.count), images \(images.shape)")
    return withoutGrad {
      if let box = plan.commonBox {
        let region = images.region(box)
        let pool = received.map { Tensor.concatenated([region, $0.images.region(box)]) } ?? region
        region.copy_(pool.indexSelect(0, partners))
        return images
      }
      let pool = received.map { Tensor.concatenated([images, $0.images]) } ?? images
      let sources = pool.indexSelect(0, partners)
      for case (let sample, let box?) in plan.boxes.enumerated() {
        images.narrow(0, start: sample, length: 1).region(box)
          .copy_(sources.narrow(0, start: sample, length: 1).region(box))
      }
      if let blend { images.lerp_(sources, weight: blend.to(images.dtype)) }
      return images
    }
  }

  /// The classes of a batch, int64 [N], as the plan mixes them.
  public func target(of labels: Tensor) -> ClassTarget {
    let pool = received.map { Tensor.concatenated([labels, $0.labels]) } ?? labels
    return ClassTarget(labels, mix: .init(labels: pool.indexSelect(0, partners), weights: weights))
  }
}

extension Tensor {
  /// The pixels of a box in images [N, C, H, W]; a view.
  fileprivate func region(_ box: CutMixBox) -> Tensor {
    narrow(2, start: box.top, length: box.bottom - box.top).narrow(3, start: box.left, length: box.right - box.left)
  }
}
