import Augment
import Foundation
import Preprocessing
import Testing

/// The policies' tables against dumps of the libraries' (scripts/reference/make_policy_fixtures.py).
@Suite struct PolicyTableTests {
  struct Tables: Decodable {
    struct Rule: Decodable, Equatable {
      var name: String
      var probability: Double
      var magnitude: Int?

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        name = try container.decode(String.self)
        probability = try container.decode(Double.self)
        magnitude = try container.decodeIfPresent(Int.self)
      }

      init<Kind: RawRepresentable>(_ rule: PolicyRule<Kind>) where Kind.RawValue == String {
        name = rule.kind.rawValue
        probability = rule.probability
        magnitude = rule.magnitude
      }
    }
    struct Entry: Decodable, Equatable {
      var name: String
      var magnitudes: [Double]
      var signed: Bool
    }
    struct Space: Decodable {
      var space: String
      var bins: Int
      var width: Int
      var height: Int
      var entries: [Entry]
    }
    struct Level: Decodable {
      var name: String
      var level: Double
      var negated: Bool
      var argument: Double
    }
    struct Weighted: Decodable {
      var names: [String]
      var weights: [Double]

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        names = try container.decode([String].self)
        weights = try container.decode([Double].self)
      }
    }
    struct Sets: Decodable {
      var plain: [String: [String]]
      var weighted: [String: Weighted]
    }
    struct InTurn: Decodable {
      var weights: [Float]
      var part: Float
      var result: [Float]
    }

    var torchvision: [String: [[Rule]]]
    var timm: [String: [[Rule]]]
    var spaces: [Space]
    var levels: [Level]
    var sets: Sets
    var weightsInTurn: InTurn
  }

  let tables: Tables

  init() throws {
    tables = try JSONDecoder().decode(
      Tables.self, from: Data(contentsOf: PolicyFixture.folder.appending(path: "tables.json")))
  }

  @Test func policiesHaveTheLibrariesRules() {
    #expect(tables.torchvision.count == AutoAugmentPolicy.allCases.count)
    for policy in AutoAugmentPolicy.allCases {
      #expect(policy.rules.map { $0.map(Tables.Rule.init) } == tables.torchvision[policy.rawValue])
      #expect(policy.rules.count == 25)
    }
    #expect(tables.timm.count == TimmPolicy.allCases.count)
    for policy in TimmPolicy.allCases {
      #expect(policy.rules.map { $0.map(Tables.Rule.init) } == tables.timm[policy.rawValue])
    }
  }

  /// Every magnitude of every operation, to the last bit.
  @Test func spacesHaveTorchvisionsMagnitudes() throws {
    for dump in tables.spaces {
      let space =
        switch dump.space {
        case "randAugment": OperationSpace.randAugment(numBins: dump.bins, width: dump.width, height: dump.height)
        case "autoAugment": OperationSpace.autoAugment(width: dump.width, height: dump.height)
        case "trivialAugment": OperationSpace.trivialAugment(numBins: dump.bins)
        case "augMix": OperationSpace.augMix(width: dump.width, height: dump.height, allOperations: true)
        default: OperationSpace.augMix(width: dump.width, height: dump.height, allOperations: false)
        }
      let entries = space.entries.map {
        Tables.Entry(name: $0.kind.rawValue, magnitudes: $0.magnitudes, signed: $0.isSigned)
      }
      for (ours, theirs) in zip(entries, dump.entries) {
        #expect(ours == theirs, "\(dump.space) \(dump.bins)")
      }
      #expect(entries.count == dump.entries.count)
    }
    #expect(tables.spaces.count == 12)
  }

  /// The middle of TrivialAugmentWide's translations is just below 16 pixels, which torchvision cuts to 15.
  @Test func theMiddleTranslationIsBelowSixteen() throws {
    let space = OperationSpace.trivialAugment(numBins: 31)
    let entry = try #require(space.entries.first { $0.kind == .translateX })
    #expect(entry.magnitudes[15] == Double(Float(16).nextDown))
    #expect(entry.step(bin: 15, isNegated: false, .nearest).operation == .translateX(15))
    #expect(entry.step(bin: 15, isNegated: true, .nearest).operation == .translateX(-15))
  }

  /// Exactly, but for what is cut to what an operation can take.
  @Test func levelsStandForTimmsArguments() throws {
    for dump in tables.levels {
      let kind = try #require(TimmOperation(rawValue: dump.name))
      let operation = kind.operation(level: dump.level, isNegated: dump.negated && kind.isSigned, size: (1, 1))
      let expected: PixelOperation =
        switch kind {
        case .rotate: .rotate(degrees: dump.argument)
        case .posterize, .posterizeIncreasing, .posterizeOriginal: .posterize(bits: max(0, min(8, Int(dump.argument))))
        case .solarize, .solarizeIncreasing: .solarize(threshold: dump.argument)
        case .solarizeAdd: .solarizeAdd(Int(dump.argument), threshold: 128)
        case .color, .colorIncreasing: .color(dump.argument)
        case .contrast, .contrastIncreasing: .contrast(dump.argument)
        case .brightness, .brightnessIncreasing: .brightness(dump.argument)
        case .sharpness, .sharpnessIncreasing: .sharpness(dump.argument)
        case .shearX: .shearX(dump.argument)
        case .shearY: .shearY(dump.argument)
        case .translateXRel: .translateX(-dump.argument)
        case .translateYRel: .translateY(-dump.argument)
        case .desaturate: .color(min(1, max(0, 1 - dump.argument)))
        case .gaussianBlur: .gaussianBlur(radius: dump.argument)
        case .gaussianBlurRand: .gaussianBlur(radius: 0.1 + (2 * dump.argument - 0.1))
        case .autoContrast, .equalize, .invert: .identity
        }
      #expect(operation == expected, "\(dump)")
    }
    #expect(Set(tables.levels.map(\.name)).count == TimmOperation.allCases.count - 3)
  }

  @Test func setsHoldTimmsOperations() {
    func names(_ set: TimmOperationSet) -> [String] { set.operations.map(\.rawValue) }
    #expect(names(.standard) == tables.sets.plain["standard"])
    #expect(names(.increasing) == tables.sets.plain["increasing"])
    #expect(names(.three) == tables.sets.plain["3a"])
    #expect(names(.augMix) == tables.sets.plain["augmix"])
    #expect(names(.weighted) == tables.sets.weighted["weights"]?.names)
    #expect(TimmOperationSet.weighted.weights == tables.sets.weighted["weights"]?.weights)
    #expect(names(.threeWeighted) == tables.sets.weighted["3aw"]?.names)
    #expect(TimmOperationSet.threeWeighted.weights == tables.sets.weighted["3aw"]?.weights)
    #expect(names(.weightedZero) == names(.standard))
  }

  @Test func weightsInTurnAreTimms() {
    let dump = tables.weightsInTurn
    #expect(AugMixDraw.weightsInTurn(dump.weights, part: dump.part) == dump.result)
  }
}
