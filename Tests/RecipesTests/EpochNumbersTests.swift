import Foundation
import TestSupport
import Testing
import Training
import VisionModels

@testable import Recipes

/// Speeds, times and memory in the records of real runs.
@Suite struct EpochNumbersTests {
  @Test func theyFitTogether() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run")
      try fixture.train(options)
      let records = try metrics(options.out)
      #expect(EpochNumbers.faults(records) == [])
      let numClasses = try #require(records[0]["classes"] as? Int)
      let gflops = try #require(records[0]["gflops_per_image"] as? Double)
      #expect(gflops == FLOPs(options.model.config(numClasses: numClasses)).forward / 1e9)

      // Every number is looked at: a changed one is found.
      let keys = [
        "images_per_second", "tflops", "mfu", "val_tflops", "val_mfu", "step_seconds_mean", "step_seconds_last",
        "data_wait", "lr",
      ]
      for (key, factor) in keys.map({ ($0, 1.5) }) + [
        ("step_seconds_median", 1e3), ("memory_mb", 1e3), ("step_seconds_median", 1e-3), ("step_seconds_p95", 1e-3),
        ("epoch_seconds", 1e-3),
        ("peak_memory_mb", 1e-3), ("reserved_memory_mb", 1e-3), ("process_memory_mb", 1e3),
        ("process_peak_memory_mb", 1e-3), ("val_images_per_second", 2), ("val_seconds", 1e6),
      ] {
        var changed = records
        let index = try #require(changed.firstIndex { $0["event"] as? String == "epoch" })
        changed[index][key] = try #require(changed[index][key] as? Double) * factor
        #expect(!EpochNumbers.faults(changed).isEmpty, "\(key) times \(factor) is not found")
        changed[index][key] = nil
        #expect(!EpochNumbers.faults(changed).isEmpty, "a missing \(key) is not found")
      }
    }
  }

  @Test func thePeakCanBeSet() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") {
        $0.training.epochs = 1
        $0.training.peakTflops = 2
      }
      try fixture.train(options)
      let records = try metrics(options.out)
      #expect(EpochNumbers.faults(records) == [])
      #expect(records[0]["peak_tflops"] as? Double == 2)
    }
  }

  /// The numbers reach TensorBoard's files too: every number of the record, by name.
  @Test func tensorBoardHasThem() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      let folder = "\(options.out)/events"
      let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
      for tag in ["epoch/images_per_second", "epoch/tflops", "epoch/mfu", "epoch/data_wait", "train/step_seconds"] {
        #expect(bytes.range(of: Data(tag.utf8)) != nil, "\(tag)")
      }
      #expect(bytes.range(of: Data("epoch/nothing".utf8)) == nil)
    }
  }
}
