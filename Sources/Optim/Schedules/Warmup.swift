/// The linear rise at the beginning of a schedule. In unit e of a warm-up of w units the rate is start + (peak - start) f,
/// with f by `form`; the published systems differ in it by one unit.
public struct Warmup: Sendable, Equatable {
  /// How far the rise has come in unit e of w.
  public enum Form: Sendable {
    /// f = (e + 1) / w: the last unit of the warm-up has the peak, and so has the first one after it. That of
    /// Colossal-AI's schedules with warm-up (but for the linear one) and of torchtitan.
    case reachingPeak
    /// f = (e + 1) / (w + 1): the first unit after the warm-up is the first at the peak, as on one straight line. That of
    /// Colossal-AI's LinearWarmupLR.
    case belowPeak
  }

  /// Where the rise starts from; no unit has this rate itself.
  public var start: Double
  /// How far the rise has come.
  public var form: Form

  /// A rise from `start`.
  public init(start: Double = 0, form: Form = .reachingPeak) {
    self.start = start
    self.form = form
  }

  /// The rate in unit `unit`, counted from 0, of `length`, on the way to `peak`.
  public func rate(at unit: Int, of length: Int, to peak: Double) -> Double {
    start + (peak - start) * Double(unit + 1) / Double(form == .reachingPeak ? length : length + 1)
  }
}
