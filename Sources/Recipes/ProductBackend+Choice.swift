public import Torch

extension ProductBackend {
  /// The library of float32 products to compute with: what was asked for, else what the weights were trained with, so
  /// that results have the same bits again, each where this libtorch has it; else the one for this processor.
  public static func chosen(
    _ asked: ProductBackend? = nil, trainedWith trained: ProductBackend? = nil, on device: Device
  ) -> ProductBackend {
    [asked, trained].compactMap(\.self).first { $0.isAvailable } ?? (device == .cpu ? .measureFastest() : .native)
  }
}
