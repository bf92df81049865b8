// Trains a small model on a folder of photos, one folder per class, and tells what is on an image:
//
//   classify train PHOTOS RUN
//   classify image RUN IMAGE...
import Foundation
import Vitrail

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch arguments.first {
  case "train" where arguments.count == 3:
    var options = RunOptions()
    options.data.path = arguments[1]
    options.out = arguments[2]
    options.model.name = "vit_tiny_patch16_224"
    options.training.epochs = 10
    var builder = RunBuilder(options)
    builder.hooks = [StopWhenRight(percent: 99)]
    let end = try builder.build().train()
    print("trained: \(end)")

  case "image" where arguments.count >= 3:
    let predictor = try Predictor(checkpoint: arguments[1])
    for file in arguments.dropFirst(2) {
      for guess in try predictor.predict(file, topK: 3).guesses {
        print("\(file): \(guess.name) \(String(format: "%.1f %%", 100 * guess.probability))")
      }
    }

  default:
    print("usage: classify train PHOTOS RUN, or classify image RUN IMAGE...")
    exit(2)
  }
} catch {
  FileHandle.standardError.write(Data("classify: \(error)\n".utf8))
  exit(1)
}
