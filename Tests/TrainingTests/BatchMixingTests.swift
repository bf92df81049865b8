import Foundation
import NN
import Settings
import TestSupport
import Testing
import Torch

@testable import Training

/// Mixed images against timm's, and what plans are drawn.
@Suite struct BatchMixingTests {
  private static let cases = [
    "mixup_batch", "mixup_pair", "mixup_elem", "cutmix_batch", "cutmix_pair", "cutmix_elem", "cutmix_drawn_weight",
    "minmax_elem", "both_pair", "both_elem",
  ]
  private let fixture: StateDict

  init() throws { fixture = try Fixture.load("mixing") }

  /// The numbers that timm drew.
  private func plan(_ name: String) -> MixingPlan {
    let weights = fixture["\(name).weights"]!.doubles()
    let sides = fixture["\(name).boxes"]!.array(Int.self)
    return MixingPlan(
      partners: (0..<weights.count).reversed(), weights: weights,
      boxes: weights.indices.map { sample in
        let box = Array(sides[4 * sample..<4 * sample + 4])
        return box[0] < 0 ? nil : CutMixBox(top: box[0], bottom: box[1], left: box[2], right: box[3])
      })
  }

  @Test(arguments: cases) func imagesAreTimms(_ name: String) {
    let expected = fixture["\(name).images"]!
    let plan = plan(name)
    let images = fixture["images"]!.clone()
    expectClose(DeviceMixing(plan, on: .cpu).mix(images), expected, tolerance: 1e-6, name)
    #expect(maxRelativeDifference(images, fixture["images"]!) > 1e-3, "mixing happens in place")
    let target = DeviceMixing(plan, on: .cpu).target(of: fixture["labels"]!)
    expectClose(
      target.dense(numClasses: 5, labelSmoothing: 0.1), fixture["\(name).target"], tolerance: 1e-6, name)
    // Planted faults: other partners, weights the wrong way round, boxes one column off, no boxes.
    var faults = [plan, plan, plan]
    faults[0].partners = plan.partners.indices.map { ($0 + 1) % plan.count }
    faults[1].weights = zip(plan.weights, plan.boxes).map { $1 == nil ? 1 - $0 : $0 }
    faults[2].boxes = plan.boxes.map {
      $0.map { CutMixBox(top: $0.top, bottom: $0.bottom, left: max(0, $0.left - 1), right: $0.right - 1) }
    }
    for (number, fault) in faults.enumerated() where fault != plan {
      let mixed = DeviceMixing(fault, on: .cpu).mix(fixture["images"]!.clone())
      #expect(maxRelativeDifference(mixed, expected) > 1e-3, "\(name) \(number)")
    }
  }

  /// What timm's `rand_bbox` makes of sizes, weights and centres, borders and odd lengths among them.
  @Test func boxesAreTimms() throws {
    let rows = try JSONDecoder().decode([[Double]].self, from: Fixture.data("boxes.json"))
    var numOdd = 0
    for row in rows {
      let whole = row.map { Int($0) }
      let box = CutMixBox(weight: row[2], height: whole[0], width: whole[1], centre: (row: whole[3], column: whole[4]))
      #expect([box.top, box.bottom, box.left, box.right] == Array(whole[5...]), "\(row)")
      if (box.bottom - box.top) % 2 == 1 { numOdd += 1 }
    }
    #expect(rows.count == 144 && numOdd > 20)
  }

  private func mixing(seed: UInt64 = 7, _ change: (inout BatchMixing.Options) -> Void) -> BatchMixing {
    var options = BatchMixing.Options()
    change(&options)
    return BatchMixing(options, seed: seed)
  }

  private func plans(_ mixing: BatchMixing, count: Int = 8, _ batches: Range<Int> = 0..<400) -> [MixingPlan] {
    batches.compactMap { mixing.plan(epoch: 0, batch: $0, count: count, height: 12, width: 10) }
  }

  @Test func aPlanIsAFunctionOfSeedEpochAndBatch() {
    let both = mixing {
      $0.mixupAlpha = 0.8
      $0.cutmixAlpha = 1
      $0.mode = .elem
    }
    func plan(_ mixing: BatchMixing, _ epoch: Int, _ batch: Int) -> MixingPlan? {
      mixing.plan(epoch: epoch, batch: batch, count: 8, height: 12, width: 10)
    }
    #expect(plan(both, 2, 5) != nil && plan(both, 2, 5) == plan(BatchMixing(both.options, seed: 7), 2, 5))
    #expect(plan(both, 2, 5) != plan(both, 2, 6) && plan(both, 2, 5) != plan(both, 3, 5))
    #expect(plan(both, 2, 5) != plan(BatchMixing(both.options, seed: 8), 2, 5))
    let early = mixing {
      $0.mixupAlpha = 1
      $0.offEpoch = 3
    }
    #expect(plan(early, 2, 0) != nil && plan(early, 3, 0) == nil && plan(early, 9, 4) == nil)
  }

  @Test func modesShareWhatTheySay() {
    func weights(_ mode: BatchMixing.Mode, _ partner: BatchMixing.Partner) -> [MixingPlan] {
      plans(
        mixing {
          $0.mixupAlpha = 0.8
          $0.cutmixAlpha = 1
          $0.mode = mode
          $0.partner = partner
        })
    }
    for partner in BatchMixing.Partner.allCases {
      for plan in weights(.batch, partner) {
        let mixed = plan.partners.indices.filter { plan.partners[$0] != $0 }
        #expect(Set(mixed.map { plan.weights[$0] }).count == 1 && Set(mixed.map { plan.boxes[$0] }).count == 1)
      }
      for plan in weights(.pair, partner) {
        for sample in 0..<8 {
          let other = plan.partners[sample]
          #expect(other != sample && plan.partners[other] == sample)
          #expect(plan.weights[other] == plan.weights[sample] && plan.boxes[other] == plan.boxes[sample])
        }
      }
      #expect(weights(.elem, partner).contains { Set($0.weights).count == 8 })
    }
    let permuted = weights(.batch, .permuted)
    #expect(permuted.allSatisfy { $0.partners.sorted() == Array(0..<8) })
    #expect(Set(permuted.map(\.partners)).count > 350)
    #expect(weights(.batch, .reversed).allSatisfy { $0.partners == [7, 6, 5, 4, 3, 2, 1, 0] })
  }

  /// A batch of odd size, of one, and of none.
  @Test(arguments: BatchMixing.Mode.allCases, BatchMixing.Partner.allCases)
  func anySizeGoes(_ mode: BatchMixing.Mode, _ partner: BatchMixing.Partner) {
    let both = mixing {
      $0.mixupAlpha = 0.8
      $0.cutmixAlpha = 1
      $0.mode = mode
      $0.partner = partner
    }
    #expect(plans(both, count: 1).isEmpty && plans(both, count: 0).isEmpty)
    let images = Tensor.randn([7, 3, 12, 10])
    for plan in plans(both, count: 7, 0..<60) {
      let idle = plan.partners.indices.filter { plan.partners[$0] == $0 }
      if partner == .reversed { #expect(idle == [3]) }
      let mixed = DeviceMixing(plan, on: .cpu).mix(images.clone())
      for sample in idle {
        #expect(plan.weights[sample] == 1 && plan.boxes[sample] == nil)
        #expect(mixed.select(0, sample).isEqual(to: images.select(0, sample)))
      }
      #expect(!mixed.isEqual(to: images) || plan.boxes.contains { $0?.share(height: 12, width: 10) == 0 })
    }
  }

  @Test func drawsFollowTheirDistributions() {
    func all(_ change: (inout BatchMixing.Options) -> Void) -> [MixingPlan] {
      plans(
        mixing {
          $0.mode = .elem
          change(&$0)
        }, 0..<500)
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let half = all {
      $0.mixupAlpha = 0.2
      $0.probability = 0.25
    }.flatMap(\.weights)
    // 4000 draws: a share is known to three standard errors, 0.02. (A batch that is not mixed at all is not in the list.)
    let share = mean(half.map { $0 < 1 ? 1 : 0 })
    #expect(abs(share - 0.25 / (1 - 0.1001)) < 0.03, "\(share)")
    let mixed = half.filter { $0 < 1 }
    #expect(abs(mean(mixed) - 0.5) < 0.05 && abs(mean(mixed.map { ($0 - 0.5) * ($0 - 0.5) }) - 1 / 5.6) < 0.02)
    let switched = all {
      $0.mixupAlpha = 1
      $0.cutmixAlpha = 1
      $0.switchProbability = 0.3
    }.flatMap(\.boxes)
    #expect(abs(mean(switched.map { $0 == nil ? 0 : 1 }) - 0.3) < 0.03)
    // Weights are what the box leaves; without the correction they are what was drawn.
    for (corrects, isSame) in [(true, true), (false, false)] {
      let plans = all {
        $0.cutmixAlpha = 1
        $0.correctLam = corrects
      }
      let same = plans.flatMap { plan in
        zip(plan.weights, plan.boxes).map { $0 == 1 - $1!.share(height: 12, width: 10) }
      }
      #expect(same.allSatisfy(\.self) == isSame)
    }
    for plan in all({ $0.cutmixMinmax = [0.2, 0.8] }) {
      for (weight, box) in zip(plan.weights, plan.boxes) {
        guard let box else {
          Issue.record("a sample has no box")
          continue
        }
        #expect((2..<9).contains(box.bottom - box.top) && (2..<8).contains(box.right - box.left))
        #expect(box.bottom <= 12 && box.right <= 10 && weight == 1 - box.share(height: 12, width: 10))
      }
    }
  }

  /// Colossal-AI's way: one weight for a batch, partners by a random order.
  @Test func permutedPartners() {
    let colossal = mixing {
      $0.mixupAlpha = 0.2
      $0.partner = .permuted
    }
    let images = Tensor.randn([8, 3, 12, 10], dtype: .float64)
    for plan in plans(colossal, 0..<20) {
      let weight = plan.weights.min()!
      let expected = images * weight + images.indexSelect(0, Tensor(plan.partners)) * (1 - weight)
      expectClose(DeviceMixing(plan, on: .cpu).mix(images.clone()), expected, tolerance: 1e-6)
      var fault = plan
      fault.partners = plan.partners.map { ($0 + 1) % 8 }
      #expect(
        weight > 0.999 || maxRelativeDifference(DeviceMixing(fault, on: .cpu).mix(images.clone()), expected) > 1e-4)
    }
  }

  /// Memory that ran out before the batch was mixed, or before a step's numbers were read, is an error and no trap.
  @Test func withoutMemory() throws {
    let both = mixing {
      $0.mixupAlpha = 1
      $0.cutmixAlpha = 1
      $0.mode = .elem
    }
    let plan = try #require(both.plan(epoch: 0, batch: 0, count: 2, height: 4, width: 4))
    #expect(throws: TorchError.self) {
      try recovering {
        let images = Tensor.zeros([1 << 50])
        let batch = DeviceBatch(
          images: images, labels: Tensor([0, 1] as [Int]), epoch: 0, index: 0, paths: ["a", "b"],
          mixing: DeviceMixing(plan, on: .cpu))
        let (mixed, target) = batch.mixed()
        _ = ClassificationLoss(.binaryCrossEntropy())(mixed, target)
        _ = ClassificationLoss(labelSmoothing: 0.1)(mixed, target)
        let outcome = TrainStep.Outcome(
          sums: StateDict([(name: "loss", tensor: mixed), (name: "right", tensor: target.numRight(mixed))]),
          gradientNorm: mixed, lossScale: nil, samples: .known(2), files: ["a", "b"])
        #expect(!outcome.numbers.isFinite)
      }
    }
  }

  @Test func optionsAreChecked() {
    func issues(_ change: (inout BatchMixing.Options) -> Void) -> [String] {
      var options = BatchMixing.Options()
      change(&options)
      do {
        try options.validated(as: "mixing")
        return []
      } catch {
        return error.issues.map(\.path)
      }
    }
    #expect(issues { $0.mixupAlpha = 0.2 } == [] && issues { $0.cutmixMinmax = [0, 1] } == [])
    #expect(issues { _ in }.count == 1)
    #expect(issues { $0.mixupAlpha = -1 } == ["mixup_alpha"] && issues { $0.cutmixAlpha = 1e-4 } == ["cutmix_alpha"])
    for pair in [[0.5], [0.8, 0.2], [-0.1, 0.5], [0.5, 1.1]] {
      #expect(issues { $0.cutmixMinmax = pair } == ["cutmix_minmax"])
    }
    #expect(
      issues {
        $0.mixupAlpha = 1
        $0.probability = 1.1
        $0.switchProbability = -0.1
        $0.offEpoch = -1
      } == ["probability", "switch_probability", "off_epoch"])
  }
}
