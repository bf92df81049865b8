import Augment
import Foundation
import Preprocessing
import Settings
import Testing

/// The policies with injected choices against the pixels that torchvision and timm made with them.
@Suite struct PolicyReferenceTests {
  static let required = 0.999

  func step(_ recorded: PolicyFixture.Step) throws -> PolicyStep {
    let kind = try #require(OperationKind(rawValue: recorded.name))
    let magnitude = try #require(recorded.magnitude)
    return PolicyStep(kind.operation(magnitude: magnitude), interpolation: try #require(recorded.filter))
  }

  func timmStep(
    _ recorded: PolicyFixture.Step, size: (width: Int, height: Int), translateFraction: Double
  ) throws -> PolicyStep {
    let kind = try #require(TimmOperation(rawValue: recorded.name))
    let operation = kind.operation(
      level: try #require(recorded.level), isNegated: recorded.negated == true, size: size,
      translateFraction: translateFraction, blurPosition: recorded.blurPosition ?? 1)
    return PolicyStep(operation, interpolation: try #require(recorded.filter))
  }

  /// The image after a torchvision policy's draw that holds the recorded choices.
  func torchvision(_ fixture: PolicyFixture, _ source: ImageBuffer) throws -> ImageBuffer {
    let fill = ScalarOrList.list(fixture.fill ?? [0, 0, 0])
    let steps = try (fixture.steps ?? []).map(step)
    switch fixture.policy {
    case "RandAugment": return RandAugment { $0.fill = fill }.apply(steps, to: source)
    case "TrivialAugmentWide": return TrivialAugmentWide { $0.fill = fill }.apply(try #require(steps.first), to: source)
    case "AutoAugment": return AutoAugment { $0.fill = fill }.apply(steps, to: source)
    case "ColorJitter": return ColorJitter().apply(try jitter(fixture), to: source)
    case "AugMix":
      let chains = try #require(fixture.chains).map {
        AugMixDraw.Chain(weight: $0.weight, steps: try $0.steps.map(step))
      }
      let weight = try #require(fixture.originalWeight)
      return AugMix { $0.fill = fill }.apply(
        AugMixDraw(chains: chains, mixing: .sum(originalWeight: weight)), to: source)
    case "RandomCrop":
      let rect = PixelRect(
        x: try #require(fixture.x), y: try #require(fixture.y), width: source.width, height: source.height)
      let mode = try #require(fixture.mode)
      let crop = RandomCrop {
        $0.size = .list([source.height, source.width])
        $0.padding = 7
        $0.paddingMode = mode
        $0.fill = fill
      }
      return crop.apply(rect, to: source)
    default: throw TestFailure("a policy of the fixture that no test knows: \(fixture.policy)")
    }
  }

  struct TestFailure: Error {
    var message: String
    init(_ message: String) { self.message = message }
  }

  func jitter(_ fixture: PolicyFixture) throws -> [PolicyStep] {
    let changes: [PixelOperation?] = [
      fixture.brightness.map { .brightness($0) }, fixture.contrast.map { .contrast($0) },
      fixture.saturation.map { .color($0) }, fixture.hue.map { .hue($0) },
    ]
    return try #require(fixture.order).compactMap { changes[$0].map { PolicyStep($0) } }
  }

  func timm(_ fixture: PolicyFixture, _ source: ImageBuffer) throws -> ImageBuffer {
    let config = try TimmAugmentConfig(try #require(fixture.config))
    let transform = TimmAutoAugment(config, fill: fixture.fillColor)
    let size = (source.width, source.height)
    let fraction = transform.translateFraction
    if let steps = fixture.steps {
      let draw = try steps.map { try timmStep($0, size: size, translateFraction: fraction) }
      return transform.apply(.steps(draw), to: source)
    }
    guard case .augMix(let mix) = config.scheme else { throw TestFailure("chains without AugMix") }
    let part = try #require(fixture.part)
    var chains = try #require(fixture.chains).map {
      AugMixDraw.Chain(
        weight: $0.weight, steps: try $0.steps.map { try timmStep($0, size: size, translateFraction: fraction) })
    }
    if mix.isBlended {
      for (index, weight) in AugMixDraw.weightsInTurn(chains.map(\.weight), part: part).enumerated() {
        chains[index].weight = weight
      }
    }
    let draw = AugMixDraw(chains: chains, mixing: mix.isBlended ? .blendInTurn : .sumThenBlend(part: part))
    return transform.apply(.mixture(draw), to: source)
  }

  @Test func torchvisionsPoliciesGiveItsPixels() throws {
    let results = try PolicyResults("torchvision")
    var largest = 0
    for fixture in results.file.cases {
      let agreement = results.agreement(try torchvision(fixture, results.source), fixture)
      #expect(agreement.share >= Self.required, "\(fixture) agrees at \(agreement)")
      largest = max(largest, agreement.largest)
    }
    #expect(results.file.cases.count >= 50)
    #expect(
      Set(results.file.cases.flatMap { $0.steps ?? [] }.map(\.name)) == Set(OperationKind.allCases.map(\.rawValue)))
    print("torchvision's policies: the largest difference is \(largest)")
  }

  @Test func timmsPoliciesGiveItsPixels() throws {
    let results = try PolicyResults("timm")
    var largest = 0
    for fixture in results.file.cases {
      let agreement = results.agreement(try timm(fixture, results.source), fixture)
      #expect(agreement.share >= Self.required, "\(fixture) agrees at \(agreement)")
      largest = max(largest, agreement.largest)
    }
    #expect(results.file.cases.count >= 50)
    print("timm's policies: the largest difference is \(largest)")
  }

  @Test func threeAugmentGivesTheAuthorsPixels() throws {
    let results = try PolicyResults("three-augment")
    let operations: [String: PixelOperation] = [
      "Grayscale": .grayscale, "Solarize": .solarize(threshold: 128), "GaussianBlur": .gaussianBlur(radius: 1.37),
    ]
    for fixture in results.file.cases {
      let draw = [PolicyStep(try #require(operations[fixture.policy]))] + (try jitter(fixture))
      let agreement = results.agreement(ThreeAugment().apply(draw, to: results.source), fixture)
      #expect(agreement.share >= Self.required, "\(fixture.policy) agrees at \(agreement)")
    }
    #expect(results.file.cases.count == 3)
  }

  /// What the comparison is for: every choice made otherwise shows.
  @Test func wrongChoicesAreSeen() throws {
    let results = try PolicyResults("torchvision")
    var (numSeen, numPlanted) = (0, 0)
    func plant(_ fixture: PolicyFixture, _ change: (inout PolicyFixture) -> Void) throws {
      var wrong = fixture
      change(&wrong)
      numPlanted += 1
      if results.agreement(try torchvision(wrong, results.source), fixture).share < Self.required { numSeen += 1 }
    }
    let signed: Set = ["ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Sharpness"]
    for fixture in results.file.cases {
      for index in (fixture.steps ?? []).indices {
        guard let step = fixture.steps?[index], signed.contains(step.name), abs(step.magnitude ?? 0) > 0.05 else {
          continue
        }
        // A later operation may hide what an earlier one did.
        if index < (fixture.steps?.count ?? 0) - 1 { continue }
        try plant(fixture) { $0.steps?[index].magnitude?.negate() }
        if ["ShearX", "ShearY", "Rotate"].contains(step.name) {
          try plant(fixture) { $0.steps?[index].filter = step.filter == .nearest ? .bilinear : .nearest }
        }
      }
      if fixture.policy == "ColorJitter" { try plant(fixture) { $0.order?.reverse() } }
      if fixture.policy == "AugMix" {
        try plant(fixture) {
          $0.chains?.swapAt(0, 1); $0.originalWeight? += 0.1
        }
      }
      if fixture.policy == "RandomCrop" { try plant(fixture) { $0.x? += 1 } }
    }
    #expect(numPlanted >= 30)
    #expect(numSeen == numPlanted)
  }

  @Test func wrongTimmChoicesAreSeen() throws {
    let results = try PolicyResults("timm")
    var (numSeen, numPlanted) = (0, 0)
    for fixture in results.file.cases {
      var wrong = fixture
      if fixture.chains != nil {
        wrong.part? += 0.1
      } else if let last = fixture.steps?.last, last.level ?? 0 > 1, TimmOperation(rawValue: last.name)!.isSigned {
        wrong.steps?[fixture.steps!.count - 1].negated = last.negated != true
      } else {
        continue
      }
      numPlanted += 1
      if results.agreement(try timm(wrong, results.source), fixture).share < Self.required { numSeen += 1 }
    }
    #expect(numPlanted >= 20)
    #expect(numSeen == numPlanted)
  }
}
