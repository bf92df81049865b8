import ArgumentParser
import Recipes
import Telemetry
import Torch

/// What every command that computes can be told.
struct RuntimeOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:N or auto (a GPU where there is one).")
  var device = "auto"

  @Option(help: "CPU threads per operator; by default OMP_NUM_THREADS, else one per available processor.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Library of float32 matrix products: auto (that of the checkpoint, else by processor), native, onednn or fastest.",
      valueName: "name"))
  var matmulBackend = MatmulBackend.Choice.auto

  @Flag(name: .long, help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads takes 1 to 4096") }
    if !matmulBackend.isAvailable {
      let names = MatmulBackend.Choice.allCases.filter(\.isAvailable).map(\.rawValue)
      throw ValidationError("--matmul-backend takes \(names.joined(separator: ", ")) with this libtorch")
    }
  }

  /// Applies the threads, and finds the device, for one of so many ranks on this machine.
  func configure(localRank: Int = 0, numLocalRanks: Int = 1) throws -> Device {
    let device = try Device.parse(device, localRank: localRank, numLocalRanks: numLocalRanks)
    Runtime.numThreads = threads ?? AvailableProcessors.share(among: numLocalRanks)
    return device
  }

  /// Takes the matmul backend that was asked for, else that of the training, else the one for this processor.
  func useMatmulBackend(trainedWith trained: MatmulBackend? = nil, on device: Device) {
    MatmulBackend.current = .chosen(matmulBackend, trainedWith: trained, on: device)
  }

  /// Writes a line for the user, unless it should be quiet.
  func note(_ line: String) {
    if !quiet { ConsoleOutput.standardError.line(line) }
  }
}

/// What every command that goes through many files can be told.
struct FileWorkOptions: ParsableArguments {
  @Option(help: "Threads; by default one per available processor.")
  var workers: Int?

  @Flag(help: "Print only results and errors.")
  var quiet = false

  /// The threads to use.
  var numThreads: Int { workers ?? AvailableProcessors.count }

  func validate() throws {
    if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers takes 1 to 1024") }
  }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
