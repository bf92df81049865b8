/// What a pipeline wants of an image that has not been decoded yet.
public struct SourcePlan: Sendable, Equatable {
  /// The pixels it needs, in oriented coordinates.
  public var region: PixelRect
  /// Where it doesn't mind pixels that were decoded at a half, a quarter or an eighth of their size: the size that the
  /// region must keep.
  public var minimumSize: (width: Int, height: Int)?

  /// A plan from its parts.
  public init(region: PixelRect, minimumSize: (width: Int, height: Int)? = nil) {
    self.region = region
    self.minimumSize = minimumSize
  }

  /// Whether both want the same.
  public static func == (a: SourcePlan, b: SourcePlan) -> Bool {
    a.region == b.region && a.minimumSize?.width == b.minimumSize?.width
      && a.minimumSize?.height == b.minimumSize?.height
  }
}
