import Augment
import Settings
import Testing

@Suite struct TimmAugmentConfigTests {
  private func rand(_ text: String, legacyIncrease: Bool = false) throws -> TimmAugmentConfig.Rand {
    let config = try TimmAugmentConfig(text, legacyIncrease: legacyIncrease)
    guard case .rand(let rand) = config.scheme else { throw TimmAugmentConfigError.unknownScheme(text) }
    return rand
  }

  @Test func randAugmentStrings() throws {
    let plain = try rand("rand")
    #expect(plain == TimmAugmentConfig.Rand())
    #expect(plain.magnitude == 10 && plain.numLayers == 2 && plain.probability == 0.5 && plain.set == .standard)
    let usual = try TimmAugmentConfig("rand-m9-mstd0.5-inc1")
    #expect(usual.magnitude == TimmMagnitude(noise: .normal(deviation: 0.5), maximum: 10))
    #expect(try rand("rand-m9-mstd0.5-inc1").set == .increasing)
    #expect(try rand("rand-m9-mstd0.5-inc1").magnitude == 9)
    let full = try rand("rand-n3-p0.7-tweights-m7-mmax20")
    #expect(full.numLayers == 3 && full.probability == 0.7 && full.set == .weighted && full.magnitude == 7)
    #expect(try TimmAugmentConfig("rand-mmax20").magnitude.maximum == 20)
    #expect(try TimmAugmentConfig("rand-mmax0").magnitude.maximum == 10)
    #expect(try TimmAugmentConfig("rand-mstd101").magnitude.noise == .uniform)
    #expect(try TimmAugmentConfig("rand-mstd100").magnitude.noise == .normal(deviation: 100))
    #expect(try TimmAugmentConfig("rand-mstdinf").magnitude.noise == .uniform)
    #expect(try TimmAugmentConfig("rand-mstd0").magnitude.noise == .none)
    #expect(try rand("rand-t3a").set == .three)
    #expect(try rand("rand-t3aw-inc1").set == .threeWeighted)
    #expect(try rand("rand-w0").set == .weightedZero)
  }

  @Test func zeroIsOffUnlessAskedOtherwise() throws {
    #expect(try rand("rand-inc0").set == .standard)
    #expect(try rand("rand-inc0", legacyIncrease: true).set == .increasing)
    #expect(try rand("rand-m9", legacyIncrease: true).set == .standard)
  }

  @Test func otherSchemes() throws {
    var mix = TimmAugmentConfig.AugMix()
    #expect(try TimmAugmentConfig("augmix").scheme == .augMix(mix))
    #expect(try TimmAugmentConfig("augmix").magnitude.noise == .uniform)
    mix.magnitude = 5
    mix.width = 4
    mix.depth = 2
    #expect(try TimmAugmentConfig("augmix-m5-w4-d2").scheme == .augMix(mix))
    mix.isBlended = true
    mix.concentration = 0.5
    mix.depth = nil
    #expect(try TimmAugmentConfig("augmix-b1-m5-w4-d0-a0.5-mstd0").scheme == .augMix(mix))
    #expect(try TimmAugmentConfig("augmix-mstd0").magnitude.noise == .none)
    for policy in TimmPolicy.allCases {
      #expect(try TimmAugmentConfig(policy.rawValue).scheme == .policy(policy))
      #expect(try TimmAugmentConfig("\(policy.rawValue)-mstd0.5").magnitude.noise == .normal(deviation: 0.5))
    }
  }

  @Test(arguments: [
    "", "-", "rand-", "rand--m9", "Rand-m9", "rand-m", "rand-9", "rand-m9-m9", "rand-q3", "rand-minf", "rand-m-1",
    "rand-mnan", "rand-m1e9", "rand-n0", "rand-n1000", "rand-n1.5", "rand-p2", "rand-inc2", "rand-tall", "rand-w1",
    "rand-w0-inc1", "rand-tweights-n16", "rand-w0-n14", "rand-t", "augmix-n2", "augmix-w0", "augmix-d99", "augmix-a0",
    "v1", "original-m9", "3a-mstdx", "rand-mstd-1", "rand-mstd", "rand-m9\u{0}", "rand-m９", "ränd",
    String(repeating: "rand-m9-", count: 100),
  ])
  func otherStringsAreErrors(text: String) {
    #expect {
      try TimmAugmentConfig(text)
    } throws: { error in
      let line = "\(error)"
      return error is TimmAugmentConfigError && !line.isEmpty && line.count < 200 && !line.contains("\n")
    }
    struct List: Validatable {
      var transforms: [TransformSettings] = []
    }
    #expect(throws: OptionsError.self) {
      try OptionsLoader.load(List.self, yaml: "", overrides: ["transforms=[{type: TimmAutoAugment, config: 'v1'}]"])
    }
  }
}
