// A batch is mixed over all ranks, by the plan that one process would have for all of it. Where a sample's partner is on
// another rank, its image comes from there. All ranks know the plan and whose places are whose, so nothing is asked for:
// each sends what the others need, in the order of their places. A bad sample's row says that it is none, by its label.
import Dataset
import Parallelism
import Torch

/// Brings the partners of a rank's samples to it.
struct PartnerExchange {
  private static let noLabel: Int64 = -1

  let group: ProcessGroup

  /// What a rank has of a batch, mixed by the plan of the whole.
  /// - Parameters:
  ///   - plan: over all places of the batch.
  ///   - places: of the samples of this rank, in the order of `images`.
  ///   - images: [N, C, H, W]
  ///   - labels: int64 [N]
  /// - Returns: the plan for this rank's samples, and what came for it; a sample whose partner is bad stays as it is.
  func callAsFunction(
    _ plan: MixingPlan, share: BatchShare, places: [Int], images: Tensor, labels: [Int64]
  ) throws -> (plan: MixingPlan, received: DeviceMixing.Received?) {
    /// The places on rank `owner` whose samples rank `taker` mixes in.
    func needed(by taker: Int, from owner: Int) -> [Int] {
      let owned = Set(share.places(of: owner))
      return Set(share.places(of: taker).map { plan.partners[$0] }).filter(owned.contains).sorted()
    }
    var slots = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
    var received: DeviceMixing.Received?
    if group.size > 1 {
      let others = (0..<group.size).filter { $0 != group.rank }
      let given = (0..<group.size).map { others.contains($0) ? needed(by: $0, from: group.rank) : [] }
      let taken = (0..<group.size).map { others.contains($0) ? needed(by: group.rank, from: $0) : [] }
      let came = try exchange(given, taken, slots: slots, images: images, labels: labels)
      for (place, label) in zip(taken.joined(), came.labels.array(Int64.self).enumerated())
      where label.element != Self.noLabel {
        slots[place] = places.count + label.offset
      }
      received = came
    }
    var own = MixingPlan(
      partners: Array(places.indices), weights: Array(repeating: 1, count: places.count),
      boxes: Array(repeating: nil, count: places.count), numReceived: received?.labels.size(0) ?? 0)
    for (slot, place) in places.enumerated() {
      guard let partner = slots[plan.partners[place]] else { continue }
      own.partners[slot] = partner
      own.weights[slot] = plan.weights[place]
      own.boxes[slot] = plan.boxes[place]
    }
    return (own, received)
  }

  private func exchange(
    _ given: [[Int]], _ taken: [[Int]], slots: [Int: Int], images: Tensor, labels: [Int64]
  ) throws -> DeviceMixing.Received {
    let rows = given.joined().map { slots[$0] }
    let (sent, received) = (given.map(\.count), taken.map(\.count))
    let numReceived = received.reduce(0, +)
    return try withoutGrad {
      let shape = Array(images.shape.dropFirst())
      let outgoing = Tensor.zeros([rows.count] + shape, dtype: images.dtype, device: images.device)
      for (row, slot) in rows.enumerated() {
        if let slot { outgoing.narrow(0, start: row, length: 1).copy_(images.narrow(0, start: slot, length: 1)) }
      }
      let incoming = Tensor.empty([numReceived] + shape, dtype: images.dtype, device: images.device)
      try group.allToAll(outgoing, into: incoming, sent: sent, received: received, "images that are mixed")
      let outgoingLabels = Tensor(rows.map { $0.map { labels[$0] } ?? Self.noLabel })
      let incomingLabels = Tensor.empty([numReceived], dtype: .int64)
      try group.allToAll(
        outgoingLabels, into: incomingLabels, sent: sent, received: received, "labels that are mixed")
      return DeviceMixing.Received(images: incoming, labels: incomingLabels)
    }
  }
}
