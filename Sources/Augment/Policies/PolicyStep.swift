public import Preprocessing

/// An operation as a policy carries it out.
public struct PolicyStep: Sendable, Equatable {
  /// The operation and its arguments.
  public var operation: PixelOperation
  /// The filter of a rotation, shear or translation.
  public var interpolation: Interpolation

  /// A step from its parts.
  public init(_ operation: PixelOperation, interpolation: Interpolation = .nearest) {
    self.operation = operation
    self.interpolation = interpolation
  }
}
