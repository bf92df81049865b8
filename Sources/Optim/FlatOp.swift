import Torch

/// An operator over flat memory: a kernel where the device has one, and the same by libtorch's own operators.
struct FlatOp: Sendable {
  let kernel: Op
  let plain: Op

  /// `vitrail::NAME_` and `vitrail::NAME_elsewhere`.
  init(_ name: String) {
    kernel = Op("vitrail::\(name)_")
    plain = Op("vitrail::\(name)_elsewhere")
  }
}
