import Augment
import Dataset
import Foundation

/// A data set and a model so small that a run takes a moment.
enum TinyData {
  static let classes = ["dark", "light", "middle"]

  /// Writes `numClasses` classes of grey images with some texture, `count` of each, below `folder`.
  static func write(to scratch: Scratch, folder: String, numClasses: Int = 2, count: Int = 10) throws {
    for (label, name) in classes.prefix(numClasses).enumerated() {
      for index in 0..<count {
        let level = [40, 200, 120][label]
        let pixels = (0..<16 * 16 * 3).map { UInt8(level + ($0 * 7 + index * 13) % 31) }
        let png = try PNGEncoder().encode(ImageBuffer(width: 16, height: 16, pixels: pixels))
        try scratch.write(png, "\(folder)/\(name)/\(index).png")
      }
    }
  }

  /// The settings of a model of a few hundred parameters and a short run, as flags.
  static let settings = [
    "model.image_size=16", "model.patch_size=8", "model.embed_dim=16", "model.depth=1", "model.num_heads=2",
    "data.workers=1", "data.batch_size=4", "data.augmentation.minimum_scale=0.9", "data.augmentation.flip=0",
    "training.epochs=4", "training.lr=0.01", "matmul_backend=native", "threads=1", "device=cpu",
  ].flatMap { ["--set", $0] }
}

/// A finished run over two classes, made once for all tests that read one.
struct TrainedRun: Sendable {
  let scratch: Scratch
  let outcome: Tool.Outcome
  var run: String { "\(scratch.path)/run" }
  var data: String { "\(scratch.path)/data" }
  var image: String { "\(scratch.path)/data/light/3.png" }

  private static let made = Result { try TrainedRun() }

  static func shared() throws -> TrainedRun { try made.get() }

  private init() throws {
    scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    outcome = try Tool.run(
      ["train", "--data", "\(scratch.path)/data", "--out", "\(scratch.path)/run"] + TinyData.settings)
  }
}
