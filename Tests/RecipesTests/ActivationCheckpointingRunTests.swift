import Optim
import Settings
import Testing
import Training

@testable import Recipes

/// `training.activation_checkpointing`
@Suite struct ActivationCheckpointingRunTests {
  /// A run with it leaves what one without it does, and may go on without it: weights, averages and records, to the bit.
  @Test func aRunHasTheSameBits() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func options(_ name: String, again: Bool) -> RunOptions {
        fixture.options(name) {
          $0.training.accumulation = 2
          $0.training.ema = .init()
          $0.training.activationCheckpointing = again
        }
      }
      try fixture.train(options("kept", again: false))
      let whole = try RunTrace("\(fixture.folder)/kept")
      #expect(try RunBuilder(options("again", again: true)).build().parts.step.checkpointsActivations)
      try fixture.train(options("again", again: true))
      try expectSame("\(fixture.folder)/again", whole)
      // Stopped in the middle, and resumed without it.
      try fixture.train(options("changed", again: true), stopAtCall: 3)
      try fixture.train(options("changed", again: false), resuming: true)
      try expectSame("\(fixture.folder)/changed", whole)
    }
  }

  @Test func othersNamesForIt() throws {
    for name in ["gradient_checkpointing", "grad_checkpointing", "use_gradient_checkpointing"] {
      let error = #expect(throws: OptionsError.self) {
        try OptionsLoader.load(RunOptions.self, yaml: "data: {path: photos}\ntraining: {\(name): true}")
      }
      #expect("\(error!)".contains("training.activation_checkpointing"), "\(error!)")
    }
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: "data: {path: photos}\ntraining: {activation_checkpointing: true}")
    #expect(options.training.activationCheckpointing)
  }
}
