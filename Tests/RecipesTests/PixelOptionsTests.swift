import Augment
import Settings
import Testing
import Torch
import Training

@testable import Dataset
@testable import Recipes

/// `data.pixels`: how images get to the device.
@Suite struct PixelOptionsTests {
  /// The weights, the records and the state of a run are the same bits, mixing included.
  @Test func bytesTrainAsNumbersDo() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func run(
        _ name: String, _ pixels: DataOptions.Pixels, _ change: (inout RunOptions) -> Void = { _ in }
      ) throws -> String {
        let options = fixture.options(name) {
          $0.data.pixels = pixels
          $0.preprocessing.mean = [0.485, 0.456, 0.406]
          $0.preprocessing.std = [0.229, 0.224, 0.225]
          $0.training.mixing = .init()
          $0.training.mixing?.mixupAlpha = 0.8
          $0.training.mixing?.cutmixAlpha = 1
          change(&$0)
        }
        try fixture.train(options)
        return options.out
      }
      let whole = try RunTrace(run("float32", .float32))
      #expect(whole.records.count == 14)
      try expectSame(run("auto", .auto), whole)
      try expectSame(run("uint8", .uint8), whole)
      // Planted fault: another mean, by a millionth.
      let fault = try run("fault", .uint8) { $0.preprocessing.mean?[0] += 1e-6 }
      #expect(try RunTrace(fault).differences(from: whole).contains("records"))
    }
  }

  @Test func theCPUTakesNumbersInOrdinaryMemory() throws {
    let fixture = try RunFixture()
    for (pixels, isBytes) in [(DataOptions.Pixels.auto, false), (.float32, false), (.uint8, true)] {
      var notes: [String] = []
      var builder = RunBuilder(
        fixture.options("run") {
          $0.data.pixels = pixels
          $0.data.augmentation.transforms = [.init(RandomSolarize())]
        })
      builder.note = { notes.append($0) }
      let parts = try builder.plan().parts
      let loaders = [parts.loader, try #require(parts.evaluator?.loader)]
      for loader in loaders {
        #expect(loader.allocator is RecyclingAllocator)
        let batch = try #require(try loader.makeEpoch(0).next())
        #expect((batch.deferred != nil) == isBytes)
        #expect(batch.withBytes(\.count) == batch.count * 3 * 16 * 16 * (isBytes ? 1 : 4))
      }
      #expect(!notes.contains { $0.contains("float32") })
    }
  }

  /// A GPU takes bytes, except where training changes normalised numbers.
  @Test func whatEachDeviceTakes() {
    var options = DataOptions()
    func bytes(_ device: Device) -> [Bool] { [true, false].map { options.givesBytes(to: device, training: $0) } }
    #expect(bytes(.cpu) == [false, false] && bytes(.cuda) == [true, true])
    options.augmentation.transforms = [.init(RandomSolarize()), .init(RandomErasing())]
    #expect(bytes(.cpu) == [false, false] && bytes(.cuda) == [false, true])
    options.pixels = .float32
    #expect(bytes(.cpu) == [false, false] && bytes(.cuda) == [false, false])
  }

  @Test func bytesAndTransformsOfNumbersAreRefused() throws {
    func load(_ pixels: String, _ transform: String) throws -> RunOptions {
      try OptionsLoader.load(
        RunOptions.self,
        yaml: "data: {path: photos, pixels: \(pixels), augmentation: {transforms: [\(transform)]}}")
    }
    #expect {
      _ = try load("uint8", "RandomErasing")
    } throws: { error in
      let error = error as? OptionsError
      return error?.issues.map(\.path) == ["data.pixels"] && "\(error!)".contains("RandomErasing")
    }
    // A fault of the transform's own is told alone.
    #expect {
      _ = try load("uint8", "{type: RandomErasing, probability: 7}")
    } throws: { error in
      (error as? OptionsError)?.issues.map(\.path).contains("data.augmentation.transforms.0.probability") == true
    }
    #expect(try load("uint8", "Rotate").data.pixels == .uint8)
    #expect(try load("auto", "RandomErasing").data.pixels == .auto)
    #expect(throws: OptionsError.self) { try load("int8", "Rotate") }
  }
}
