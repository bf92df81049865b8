public import NN
public import Torch

extension BatchMixing {
  /// Mixes a batch by its own plan.
  /// - Returns: its images, changed in place, and what they now show.
  public func callAsFunction(_ batch: DeviceBatch) -> (images: Tensor, target: ClassTarget) {
    // Images that did not fit on the device have no shape; the scope around this throws.
    guard batch.images.ndim == 4 else { return (batch.images, ClassTarget(batch.labels)) }
    let plan = plan(
      epoch: batch.epoch, batch: batch.index, count: batch.count, height: batch.images.size(2),
      width: batch.images.size(3))
    guard let plan else { return (batch.images, ClassTarget(batch.labels)) }
    return (Self.mix(batch.images, by: plan), Self.target(of: batch.labels, by: plan))
  }

  /// Mixes images [N, C, H, W], in place, on their device: a sample with a box gets the partner's pixels there, one
  /// without becomes weight x own + (1 - weight) x partner, both from the images as they were.
  @discardableResult
  public static func mix(_ images: Tensor, by plan: MixingPlan) -> Tensor {
    precondition(images.ndim == 4 && images.size(0) == plan.count, "a plan for \(plan.count), images \(images.shape)")
    return withoutGrad {
      let partners = Tensor(plan.partners).to(images.device)
      if let box = plan.commonBox {
        let region = images.region(box)
        region.copy_(region.indexSelect(0, partners))
        return images
      }
      let sources = images.indexSelect(0, partners)
      for case (let sample, let box?) in plan.boxes.enumerated() {
        images.narrow(0, start: sample, length: 1).region(box)
          .copy_(sources.narrow(0, start: sample, length: 1).region(box))
      }
      let fromPartners = zip(plan.weights, plan.boxes).map { weight, box in box == nil ? Float(1 - weight) : 0 }
      if fromPartners.contains(where: { $0 != 0 }) {
        let weights = Tensor(fromPartners, shape: [plan.count, 1, 1, 1]).to(images.dtype).to(images.device)
        images.lerp_(sources, weight: weights)
      }
      return images
    }
  }

  /// The classes of a batch, int64 [N], as a plan mixes them.
  public static func target(of labels: Tensor, by plan: MixingPlan) -> ClassTarget {
    let partners = Tensor(plan.partners).to(labels.device)
    let weights = Tensor(plan.weights.map(Float.init)).to(labels.device)
    return ClassTarget(labels, mix: .init(labels: labels.indexSelect(0, partners), weights: weights))
  }
}

extension Tensor {
  /// The pixels of a box in images [N, C, H, W]; a view.
  fileprivate func region(_ box: CutMixBox) -> Tensor {
    narrow(2, start: box.top, length: box.bottom - box.top).narrow(3, start: box.left, length: box.right - box.left)
  }
}
