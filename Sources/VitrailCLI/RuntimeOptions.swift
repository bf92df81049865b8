import ArgumentParser
import Recipes
import Telemetry
import Torch

/// What every command that computes can be told.
struct RuntimeOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:N or auto (a GPU where there is one).")
  var device = "auto"

  @Option(help: "Threads of one operator; by default the processors that affinity and the control group allow.")
  var threads: Int?

  @Flag(name: .long, help: "Say only what went wrong, and the results.")
  var quiet = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads takes 1 to 4096") }
  }

  /// Applies the threads and the faster product library, and finds the device.
  func configure() throws -> Device {
    let device = try Device.parse(device)
    Runtime.numThreads = threads ?? AvailableProcessors.count
    ProductBackend.current = device == .cpu ? .measureFastest() : .native
    return device
  }

  /// Writes a line for the user, unless it should be quiet.
  func note(_ line: String) {
    if !quiet { ConsoleOutput.standardError.line(line) }
  }
}
