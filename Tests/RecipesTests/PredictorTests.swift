import Augment
import Checkpoint
import Dataset
import Foundation
import NN
import Optim
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// A predictor says what an evaluator scores, however it gets its images and its weights.
@Suite struct PredictorTests {
  @Test func predictionsAreWhatIsEvaluated() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") {
        $0.training.ema = .init()
        $0.training.ema?.decay = 0.5
      }
      let end = try fixture.train(options)
      let best = try #require(end.best)
      let folder = try fixture.set.folder("validation")
      let files = folder.samples.indices.map { "\(fixture.set.path)/validation/\(folder.name(at: $0))" }

      // From the run directory, from its best checkpoint, and from the bare file of averages in a model made by hand.
      let fromRun = try Predictor(checkpoint: options.out)
      #expect(fromRun.trained.weights == .average && fromRun.trained.description.classes.count == 3)
      let single = try files.map { try fromRun.predict($0) }
      for batchSize in [4, 32] {
        var batched: [ImagePrediction] = []
        try Predictor(checkpoint: "\(options.out)/checkpoints/best").predict(
          files.map { BytePath($0) }, batchSize: batchSize
        ) {
          batched.append($0)
        }
        #expect(batched.map(\.file.description) == files)
        for (one, other) in zip(single, batched) {
          #expect(zip(one.logits, other.logits).allSatisfy { abs($0 - $1) < 1e-5 })
          #expect(one.guesses.map(\.index) == other.guesses.map(\.index))
        }
      }
      let byHand = VisionTransformer(fromRun.trained.description.config)
      try byHand.load(SafeTensors.read("\(options.out)/checkpoints/best/ema.safetensors").tensors)
      for (weight, other) in zip(byHand.stateDict.entries, fromRun.trained.model.stateDict.entries) {
        #expect(weight.tensor.array(Float.self) == other.tensor.array(Float.self))
      }

      // Loss and accuracy of the predictions are those of the evaluation.
      var loss = 0.0
      var numRight = 0
      for (index, prediction) in single.enumerated() {
        let label = folder.label(at: index)
        let probability = try #require(prediction.guesses.first { $0.index == label }?.probability)
        loss -= log(probability)
        if prediction.guesses[0].index == label { numRight += 1 }
        #expect(abs(prediction.guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
      }
      #expect(abs(loss / Double(files.count) - best.loss) < 1e-5)
      #expect(abs(100 * Double(numRight) / Double(files.count) - best.metric.value) < 1e-9)
    }
  }

  @Test func aBareFileWithAName() throws {
    let set = try SmallImageSet(numTrain: 3, numValidation: 3)
    let preset = try #require(ViTPresets["vit_tiny_patch16_224"])
    var config = preset.config
    config.numClasses = 5
    let model = VisionTransformer(config, initialization: .timm, seed: 5)
    let path = "\(set.path)/weights.safetensors"
    try SafeTensors.write(model.stateDict, to: path)
    let predictor = try Predictor(checkpoint: path, model: "vit_tiny_patch16_224")
    #expect(predictor.trained.weights == .file)
    let name = try set.folder("validation").name(at: 0)
    let prediction = try predictor.predict("\(set.path)/validation/\(name)", topK: 9)
    #expect(prediction.logits.count == 5 && prediction.guesses.map(\.name).sorted() == ["0", "1", "2", "3", "4"])
    var options = DataLoader.Options()
    options.batchSize = 3
    let loader = try DataLoader(
      source: set.folder("validation"), pipeline: EvalTransform(preset.preprocessing), sampler: SequentialSampler(),
      options: options)
    let batch = try #require(try loader.makeEpoch(0).next())
    let logits = try withoutGrad { model(try DeviceTransfer(to: .cpu)(batch).images, .inference).array(Float.self) }
    #expect(zip(prediction.logits, logits).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(throws: PretrainedError.self) { try Predictor(checkpoint: path) }
    #expect(throws: PretrainedError.self) { try Predictor(checkpoint: path, model: "vit_tiny") }
  }

  /// A predictor computes with the matmul backend that its run was trained with, whatever the process does otherwise.
  @Test(.enabled(if: MatmulBackend.oneDNN.isAvailable)) func theMatmulBackendIsThatOfTheTraining() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      let file = "\(fixture.set.path)/validation/\(try fixture.set.folder("validation").name(at: 0))"
      func backend(_ asked: MatmulBackend.Choice = .auto) throws -> MatmulBackend? {
        var found: MatmulBackend?
        try Predictor(checkpoint: options.out, matmulBackend: asked).predict([BytePath(file)]) { _ in found = .current }
        return found
      }
      for elsewhere in [MatmulBackend.native, .oneDNN] {
        MatmulBackend.current = elsewhere
        #expect(try backend() == .native && backend(.oneDNN) == .oneDNN)
        #expect(MatmulBackend.current == elsewhere)
      }
    }
  }

  /// Memory that runs out at any place of a prediction is an error, and the predictor goes on.
  @Test func memoryMayRunOut() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      let folder = try fixture.set.folder("validation")
      let files = (0..<3).map { BytePath("\(fixture.set.path)/validation/\(folder.name(at: $0))") }
      let predictor = try Predictor(checkpoint: options.out)
      let (numRequests, faults) = try checkMemoryFailures(state: { 0 }, restore: {}) {
        var logits: [[Float]] = []
        try predictor.predict(files, batchSize: 2, workers: 0) { logits.append($0.logits) }
        return logits
      }
      #expect(numRequests > 40 && faults == [])
    }
  }

  /// Weights that are finite and too large give logits that are not.
  @Test func logitsThatAreNotFiniteAreAnError() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      try forge(
        options.out,
        tensors: [
          "model": { model in
            StateDict(
              model.entries.map { entry in
                let isLarge = entry.name.hasPrefix("head.") || entry.name.hasPrefix("norm.")
                return (name: entry.name, tensor: isLarge ? Tensor.full(entry.tensor.shape, 3e38) : entry.tensor)
              })
          }
        ])
      let file = "\(fixture.set.path)/validation/\(try fixture.set.folder("validation").name(at: 0))"
      let predictor = try Predictor(checkpoint: "\(options.out)/checkpoints/last")
      let error = #expect(throws: PredictionError.self) { try predictor.predict(file) }
      #expect("\(error!)".contains(file) && !"\(error!)".contains("\n"))
      // With the best checkpoint damaged, the next one is taken, and the damage said.
      try flipBit("\(options.out)/checkpoints/best/model.safetensors")
      var warnings: [String] = []
      let other = try Predictor(checkpoint: options.out, warn: { warnings.append($0) })
      #expect(warnings.count == 1 && warnings[0].contains("model.safetensors"))
      #expect(other.trained.path.hasSuffix("step-00000006.1"))
    }
  }
}
