import Augment
import Preprocessing

/// From a model's numbers back to 8-bit samples: number x std + mean of each channel, rounded, cut at 0 and 255. For
/// pixels that were 8-bit samples before, it is exactly what they were.
struct InverseNormalize {
  private let mean: [Float]
  private let std: [Float]

  init(_ preprocessing: ImagePreprocessing) {
    mean = preprocessing.mean.map { Float($0) }
    std = preprocessing.std.map { Float($0) }
  }

  /// The image of three planes of `width` x `height` numbers.
  func image(_ planes: UnsafeBufferPointer<Float>, width: Int, height: Int) -> ImageBuffer {
    ImageBuffer(width: width, height: height) { samples in
      for channel in 0..<3 {
        for pixel in 0..<width * height {
          let level = (planes[channel * width * height + pixel] * std[channel] + mean[channel]) * 255
          // The smaller of a number that is none and a limit is the limit.
          samples[pixel * 3 + channel] = UInt8(max(0, min(level.rounded(), 255)))
        }
      }
    }
  }
}
