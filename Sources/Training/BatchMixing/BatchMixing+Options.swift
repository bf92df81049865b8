public import Settings

extension BatchMixing {
  /// What of a batch is drawn once.
  public enum Mode: String, Codable, Sendable, CaseIterable {
    /// One weight and one box for all samples.
    case batch
    /// A weight and a box for every two samples, which are each other's partners.
    case pair
    /// A weight and a box for every sample.
    case elem
  }

  /// Which sample is whose partner.
  public enum Partner: String, Codable, Sendable, CaseIterable {
    /// The first sample's is the last, the second's the one before, as in timm. The one in the middle of an odd batch
    /// has none.
    case reversed
    /// A random order's; by pairs, samples of a random order by twos. A sample can be left without one.
    case permuted
  }

  /// What can be set; names and meanings are those of timm's `Mixup`.
  public struct Options: Validatable, Equatable {
    /// Both parameters of the beta distribution of mixup's weight; 0 for no mixup.
    public var mixupAlpha = 0.0
    /// Both parameters of the beta distribution of cutmix's weight; 0 for no cutmix.
    public var cutmixAlpha = 0.0
    /// The smallest and the largest part of a side that cutmix's box takes; turns cutmix on, whatever `cutmixAlpha`.
    public var cutmixMinmax: [Double]?
    /// How often a batch, a pair or a sample is mixed at all.
    public var probability = 1.0
    /// How often it is cutmix, where both are on.
    public var switchProbability = 0.5
    /// What is drawn once.
    public var mode = Mode.batch
    /// Which sample is whose partner.
    public var partner = Partner.reversed
    /// Whether cutmix's weight is the area that is left of the sample, also where its box was cut at the border; else it
    /// is the weight that was drawn. With `cutmixMinmax` it always is.
    public var correctLam = true
    /// The number of epochs that are mixed; the rest of the run is not. All, if left out.
    public var offEpoch: Int?

    /// Neither mixup nor cutmix: one of them has to be turned on.
    public init() {}

    /// Whether mixup is on.
    public var usesMixup: Bool { mixupAlpha > 0 }
    /// Whether cutmix is on.
    public var usesCutmix: Bool { cutmixAlpha > 0 || cutmixMinmax != nil }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      for (key, alpha) in [("mixup_alpha", mixupAlpha), ("cutmix_alpha", cutmixAlpha)] {
        issues.check(alpha == 0 || (1e-3...1000).contains(alpha), key, found: alpha, "0, or from 0.001 to 1000")
      }
      if !usesMixup, !usesCutmix {
        issues.report(
          "neither mixup nor cutmix is on: set mixup_alpha or cutmix_alpha above 0, or remove the section",
          related: ["mixup_alpha", "cutmix_alpha", "cutmix_minmax"])
      }
      if let cutmixMinmax {
        issues.check(
          cutmixMinmax.count == 2 && cutmixMinmax[0] >= 0 && cutmixMinmax[0] < cutmixMinmax[1] && cutmixMinmax[1] <= 1,
          "cutmix_minmax", found: cutmixMinmax, "two numbers from 0 to 1, the smaller first")
      }
      issues.check("probability", probability, in: 0...1)
      issues.check("switch_probability", switchProbability, in: 0...1)
      if let offEpoch { issues.check("off_epoch", offEpoch, atLeast: 0) }
    }
  }
}
