import Augment
import Foundation
import KeyedRandom
import Preprocessing
import Settings
import Testing

/// What the policies draw, over 100,000 draws: how often, and within which bounds.
@Suite struct PolicyDrawTests {
  static let numDraws = 100_000

  private func draws<Policy: DrawnTransform>(_ policy: Policy, _ count: Int = numDraws) -> [Policy.Draw] {
    let random = KeyedRandom(seed: 77)
    return (0..<count).map { sample in
      var random = random.child(sample)
      return policy.draw(width: 224, height: 160, random: &random)
    }
  }

  /// Whether a count is what its probability makes likely: within 4.5 deviations, which one in 150,000 misses.
  private func isLikely(_ count: Int, of number: Int, _ probability: Double) -> Bool {
    let expected = Double(number) * probability
    return abs(Double(count) - expected) <= 4.5 * (expected * (1 - probability)).squareRoot() + 1e-9
  }

  private func name(_ operation: PixelOperation) -> String { parts(operation).name }
  private func argument(_ operation: PixelOperation) -> Double { parts(operation).argument }

  private func parts(_ operation: PixelOperation) -> (name: String, argument: Double) {
    switch operation {
    case .identity: ("identity", 0)
    case .autoContrast: ("autoContrast", 0)
    case .equalize: ("equalize", 0)
    case .invert: ("invert", 0)
    case .grayscale: ("grayscale", 0)
    case .posterize(let bits): ("posterize", Double(bits))
    case .solarize(let threshold): ("solarize", threshold)
    case .solarizeAdd(let addition, _): ("solarizeAdd", Double(addition))
    case .color(let factor): ("color", factor)
    case .contrast(let factor): ("contrast", factor)
    case .brightness(let factor): ("brightness", factor)
    case .sharpness(let factor): ("sharpness", factor)
    case .hue(let amount): ("hue", amount)
    case .gaussianBlur(let radius): ("gaussianBlur", radius)
    case .shearX(let factor): ("shearX", factor)
    case .shearY(let factor): ("shearY", factor)
    case .translateX(let pixels): ("translateX", pixels)
    case .translateY(let pixels): ("translateY", pixels)
    case .rotate(let degrees): ("rotate", degrees)
    }
  }

  /// The arguments that each operation was drawn with, and how often.
  private func counts(_ steps: [PolicyStep]) -> [String: [Double: Int]] {
    steps.reduce(into: [:]) { counts, step in
      counts[name(step.operation), default: [:]][argument(step.operation), default: 0] += 1
    }
  }

  @Test func theCheckTellsNeighboursApart() {
    #expect(isLikely(50_000, of: 100_000, 0.5))
    #expect(!isLikely(51_000, of: 100_000, 0.5))
    #expect(!isLikely(7_143, of: 100_000, 1.0 / 15))
    #expect(!isLikely(1, of: 100_000, 0))
  }

  @Test func randAugmentDrawsEachOperationAsOften() {
    let policy = RandAugment { $0.interpolation = .bilinear }
    let drawn = draws(policy)
    #expect(drawn.allSatisfy { $0.count == 2 && $0.allSatisfy { $0.interpolation == .bilinear } })
    let space = OperationSpace.randAugment(numBins: 31, width: 224, height: 160)
    for position in 0..<2 {
      let found = counts(drawn.map { $0[position] })
      #expect(found.count == 14)
      for entry in space.entries {
        let step = entry.step(bin: 9, isNegated: false, .bilinear)
        let arguments = found[name(step.operation)] ?? [:]
        #expect(isLikely(arguments.values.reduce(0, +), of: Self.numDraws, 1.0 / 14))
        let wanted = entry.isSigned ? [step, entry.step(bin: 9, isNegated: true, .bilinear)] : [step]
        #expect(Set(arguments.keys) == Set(wanted.map { argument($0.operation) }))
        for count in arguments.values { #expect(isLikely(count, of: Self.numDraws, 1 / 14.0 / Double(wanted.count))) }
      }
    }
    #expect(
      space.entries.first { $0.kind == .translateX }?.step(bin: 9, isNegated: false, .nearest).operation
        == .translateX(30))
    // The two operations are independent.
    let both = drawn.count { name($0[0].operation) == "rotate" && name($0[1].operation) == "rotate" }
    #expect(isLikely(both, of: Self.numDraws, 1.0 / 196))
  }

  @Test func trivialAugmentDrawsEachMagnitudeAsOften() {
    let found = counts(draws(TrivialAugmentWide()))
    for entry in OperationSpace.trivialAugment(numBins: 31).entries {
      let steps = max(1, entry.magnitudes.count)
      var wanted: [Double: Double] = [:]
      for bin in 0..<steps {
        for isNegated in entry.isSigned ? [false, true] : [false] {
          let step = entry.step(bin: bin, isNegated: isNegated, .nearest)
          wanted[argument(step.operation), default: 0] += 1 / Double(14 * steps * (entry.isSigned ? 2 : 1))
        }
      }
      let arguments = found[name(entry.step(bin: 0, isNegated: false, .nearest).operation)] ?? [:]
      #expect(Set(arguments.keys) == Set(wanted.keys))
      for (argument, probability) in wanted {
        #expect(isLikely(arguments[argument] ?? 0, of: Self.numDraws, probability), "\(entry.kind) \(argument)")
      }
    }
  }

  @Test(arguments: AutoAugmentPolicy.allCases)
  func autoAugmentFollowsItsRules(policy: AutoAugmentPolicy) {
    let found = counts(draws(AutoAugment { $0.policy = policy }).flatMap { $0 })
    let space = OperationSpace.autoAugment(width: 224, height: 160)
    var wanted: [String: [Double: Double]] = [:]
    for rule in policy.rules.flatMap({ $0 }) where rule.probability > 0 {
      guard let entry = space.entries.first(where: { $0.kind == rule.kind }) else { continue }
      for isNegated in entry.isSigned ? [false, true] : [false] {
        let operation = entry.step(bin: rule.magnitude ?? 0, isNegated: isNegated, .nearest).operation
        wanted[name(operation), default: [:]][argument(operation), default: 0] +=
          rule.probability / 25 / (entry.isSigned ? 2 : 1)
      }
    }
    #expect(found.mapValues { Set($0.keys) } == wanted.mapValues { Set($0.keys) })
    for (name, arguments) in wanted {
      // The two rules of a pair are drawn from the same image, so the deviation of their sum may be larger by half.
      for (argument, mean) in arguments {
        let count = Double(found[name]?[argument] ?? 0)
        let expected = mean * Double(Self.numDraws)
        #expect(abs(count - expected) <= 4.5 * 1.5 * expected.squareRoot(), "\(name) \(argument)")
      }
    }
  }

  @Test func timmsRandAugmentFollowsItsString() throws {
    let policy = TimmAutoAugment(try TimmAugmentConfig("rand-m9-n3-mstd0.5-inc1-p0.4"))
    let drawn = draws(policy).map { draw -> [PolicyStep] in
      guard case .steps(let steps) = draw else { return [] }
      return steps
    }
    for number in 0...3 {
      let probability = [0.216, 0.432, 0.288, 0.064][number]
      #expect(isLikely(drawn.count { $0.count == number }, of: Self.numDraws, probability))
    }
    let steps = drawn.flatMap { $0 }
    let found = counts(steps)
    for kind in TimmOperationSet.increasing.operations {
      let name = name(kind.operation(level: 9, size: (1, 1)))
      #expect(isLikely((found[name] ?? [:]).values.reduce(0, +), of: 3 * Self.numDraws, 0.4 / 15), "\(kind)")
    }
    let degrees = steps.compactMap { if case .rotate(let degrees) = $0.operation { degrees } else { nil } }
    #expect(isLikely(degrees.count { $0 < 0 }, of: degrees.count, 0.5))
    let levels = degrees.map { abs($0) / 3 }
    // Levels are normal around 9 with a deviation of 0.5; what lies above 10 is cut to 10.
    #expect(levels.max() == 10 && isLikely(levels.count { $0 == 10 }, of: levels.count, 0.02275013194817921))
    #expect(isLikely(levels.count { $0 < 9 }, of: levels.count, 0.5))
    #expect(isLikely(levels.count { $0 < 8.5 }, of: levels.count, 0.15865525393145707))
    let geometric = steps.filter { if case .rotate = $0.operation { true } else { false } }
    #expect(isLikely(geometric.count { $0.interpolation == .bicubic }, of: geometric.count, 0.5))
    #expect(geometric.allSatisfy { [.bilinear, .bicubic].contains($0.interpolation) })
  }

  @Test func uniformMagnitudesReachFromNothingToTheirBound() throws {
    let policy = TimmAutoAugment(try TimmAugmentConfig("rand-m8-n1-mstd101-p1"), interpolation: .nearest)
    let degrees = draws(policy).compactMap { draw -> Double? in
      guard case .steps(let steps) = draw, case .rotate(let degrees) = steps[0].operation else { return nil }
      return abs(degrees)
    }
    #expect(degrees.max()! <= 24 && degrees.max()! > 23.9 && degrees.min()! < 0.1)
    for part in 1..<8 {
      #expect(isLikely(degrees.count { $0 < 3 * Double(part) }, of: degrees.count, Double(part) / 8))
    }
  }

  @Test func weightedOperationsAreDrawnOnce() throws {
    let policy = TimmAutoAugment(try TimmAugmentConfig("rand-m9-n2-t3aw-p1"))
    let drawn = draws(policy).map { draw -> [String] in
      guard case .steps(let steps) = draw else { return [] }
      return steps.map { name($0.operation) }
    }
    // Three of the 14 share a name with no other: rotations weigh 3 of 33, equalizing and inverting 1 each.
    for (operation, weight) in [("rotate", 3.0), ("equalize", 1), ("invert", 1), ("gaussianBlur", 6)] {
      #expect(isLikely(drawn.count { $0[0] == operation }, of: Self.numDraws, weight / 33))
      #expect(drawn.allSatisfy { $0[0] != operation || $0[1] != operation })
    }
    #expect(isLikely(drawn.count { $0 == ["gaussianBlur", "rotate"] }, of: Self.numDraws, 6.0 / 33 * 3 / 27))
    let zero = TimmAutoAugment(try TimmAugmentConfig("rand-m9-n3-w0-p1"))
    for draw in draws(zero, 2000) {
      guard case .steps(let steps) = draw else { continue }
      #expect(steps.allSatisfy { name($0.operation) != "invert" && name($0.operation) != "posterize" })
    }
  }

  @Test func timmsPoliciesFollowTheirRules() throws {
    let found = counts(
      draws(TimmAutoAugment(try TimmAugmentConfig("3a"))).flatMap { draw -> [PolicyStep] in
        guard case .steps(let steps) = draw else { return [] }
        return steps
      })
    #expect(Set(found.keys) == ["solarize", "color", "gaussianBlur"])
    #expect(found["solarize"].map { Array($0.keys) } == [128] && found["color"].map { Array($0.keys) } == [0])
    for arguments in found.values { #expect(isLikely(arguments.values.reduce(0, +), of: Self.numDraws, 1.0 / 3)) }
    let radii = found["gaussianBlur"]?.keys.sorted() ?? []
    #expect(radii.first! >= 0.1 && radii.first! < 0.11 && radii.last! <= 2 && radii.last! > 1.99)
    #expect(isLikely(radii.count { $0 < 1.05 }, of: radii.count, 0.5))
  }

  @Test func augMixDrawsItsChains() throws {
    let ours = draws(AugMix { $0.severity = 4 }, 20_000)
    for draw in ours {
      guard case .sum(let original) = draw.mixing else { continue }
      #expect(abs(draw.chains.reduce(original) { $0 + $1.weight } - 1) < 1e-5)
    }
    let depths = ours.flatMap { $0.chains.map(\.steps.count) }
    for depth in 1...3 { #expect(isLikely(depths.count { $0 == depth }, of: depths.count, 1.0 / 3)) }
    let steps = ours.flatMap { $0.chains.flatMap(\.steps) }
    let found = counts(steps)
    #expect(found.count == 13)
    // The four weakest of 10 magnitudes.
    #expect(Set((found["rotate"] ?? [:]).keys.map { Int(abs($0 * 3).rounded()) }) == [0, 10, 20, 30])
    for arguments in found.values { #expect(isLikely(arguments.values.reduce(0, +), of: steps.count, 1.0 / 13)) }
    let theirs = draws(TimmAutoAugment(try TimmAugmentConfig("augmix-m5-w4-d2")), 5000)
    for draw in theirs {
      guard case .mixture(let mix) = draw, case .sumThenBlend(let part) = mix.mixing else {
        Issue.record("no mixture")
        continue
      }
      #expect(mix.chains.count == 4 && mix.chains.allSatisfy { $0.steps.count == 2 } && (0...1).contains(part))
    }
  }

  @Test func jitterDrawsFactorsAndOrder() {
    let jitter = ColorJitter {
      $0.brightness = .scalar(0.4)
      $0.contrast = .list([0.7, 1.3])
      $0.saturation = .scalar(1.5)
      $0.hue = .scalar(0.1)
      $0.probability = 0.8
    }
    let drawn = draws(jitter)
    #expect(isLikely(drawn.count { $0.isEmpty }, of: Self.numDraws, 0.2))
    let changed = drawn.filter { !$0.isEmpty }
    let found = counts(changed.flatMap { $0 })
    for (name, range) in [
      ("brightness", 0.6...1.4), ("contrast", 0.7...1.3), ("color", 0...2.5), ("hue", -0.1...0.1),
    ] {
      let factors = found[name]?.keys.sorted() ?? []
      let width = range.upperBound - range.lowerBound
      #expect(range.contains(factors.first!) && range.contains(factors.last!))
      #expect(factors.first! < range.lowerBound + 0.001 * width && factors.last! > range.upperBound - 0.001 * width)
      #expect(isLikely(factors.count { $0 < range.lowerBound + width / 4 }, of: factors.count, 0.25))
    }
    let orders = changed.reduce(into: [String: Int]()) { $0[$1.map { name($0.operation) }.joined(), default: 0] += 1 }
    #expect(orders.count == 24 && orders.values.allSatisfy { isLikely($0, of: changed.count, 1.0 / 24) })
    #expect(draws(ColorJitter(), 10).allSatisfy { $0.isEmpty })
  }

  @Test func smallPoliciesDrawAsOftenAsAsked() throws {
    let three = draws(ThreeAugment())
    #expect(three.allSatisfy { $0.count == 4 })
    for name in ["grayscale", "solarize", "gaussianBlur"] {
      #expect(isLikely(three.count { self.name($0[0].operation) == name }, of: Self.numDraws, 1.0 / 3))
    }
    #expect(isLikely(draws(RandomGrayscale { $0.probability = 0.2 }).count { $0 }, of: Self.numDraws, 0.2))
    #expect(isLikely(draws(RandomSolarize { $0.probability = 0.3 }).count { $0 }, of: Self.numDraws, 0.3))
    let blur = RandomGaussianBlur {
      $0.minimumRadius = 1
      $0.maximumRadius = 3
      $0.probability = 0.6
    }
    let radii = draws(try #require(blur.makeTransform() as? GaussianBlur)).compactMap { $0 }
    #expect(isLikely(radii.count, of: Self.numDraws, 0.6))
    #expect(radii.allSatisfy { (1...3).contains($0) } && isLikely(radii.count { $0 < 2 }, of: radii.count, 0.5))
  }

  @Test func cropsReachEveryPlace() {
    let crop = RandomCrop {
      $0.size = .list([158, 224])
      $0.padding = 2
    }
    let drawn = draws(crop)
    let places = drawn.reduce(into: [PixelRect: Int]()) { $0[$1, default: 0] += 1 }
    #expect(Set(places.keys.map(\.x)) == Set(-2...2) && Set(places.keys.map(\.y)) == Set(-2...4))
    #expect(places.count == 35 && places.values.allSatisfy { isLikely($0, of: Self.numDraws, 1.0 / 35) })
    // Padded as far as needed, at both ends.
    let large = draws(
      RandomCrop {
        $0.size = .list([161, 230])
        $0.padding = 1
      }, 2000)
    #expect(Set(large.map(\.x)) == Set(-5...(-1)) && Set(large.map(\.y)) == Set(-1...0))
  }
}
