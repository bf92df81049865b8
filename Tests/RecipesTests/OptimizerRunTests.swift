import Foundation
import Optim
import Settings
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// Whole runs with the optimizers for large batches, and with rates by layer.
@Suite struct OptimizerRunTests {
  /// Stopped and resumed, a run with any optimizer ends with the bits of one that was not.
  @Test func resumingChangesNoBit() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let names = OptimizerRegistry.table.map(\.key).filter { !["sgd", "adam", "adamw"].contains($0) }
      #expect(names.count == 7)
      for name in names {
        func options(_ folder: String) throws -> RunOptions {
          let type = try #require(OptimizerRegistry.table.first { $0.key == name }?.value)
          let settings = try #require(type.init() as? any OptimizerOptions)
          return fixture.options("\(name)-\(folder)") {
            $0.optimizer = .init(settings)
            $0.training.layerDecay = 0.5
          }
        }
        let whole = try options("whole")
        try fixture.train(whole)
        let stopped = try options("stopped")
        #expect(try fixture.train(stopped, stopAtCall: 5).status == .interrupted("the test"))
        #expect(try fixture.train(stopped, resuming: true).status == .completed)
        #expect(try RunTrace(stopped.out) == RunTrace(whole.out), "\(name)")
      }
    }
  }

  /// The setting reaches the groups: two blocks, so four layers, each with and without decay.
  @Test func layersHaveTheirRates() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func scales(_ change: (inout RunOptions) -> Void) throws -> [String: Double] {
        let groups = try RunBuilder(fixture.options("run", change)).plan().parts.optimizer.groups
        return Dictionary(
          uniqueKeysWithValues: groups.flatMap { group in
            group.parameters.map { ($0.name, group.learningRateScale) }
          })
      }
      let found = try scales { $0.training.layerDecay = 0.5 }
      #expect(Set(found.values) == [0.125, 0.25, 0.5, 1])
      #expect(found["cls_token"] == 0.125 && found["patch_embed.proj.weight"] == 0.125)
      #expect(found["blocks.0.attn.qkv.weight"] == 0.25 && found["blocks.1.norm2.bias"] == 0.5)
      #expect(found["norm.weight"] == 1 && found["head.bias"] == 1)
      let bounded = try scales {
        $0.training.layerDecay = 0.5
        $0.training.layerDecayMinScale = 0.3
      }
      #expect(Set(bounded.values) == [0.3, 0.5, 1])
      #expect(Set(try scales { _ in }.values) == [1])
    }
  }
}
