import ArgumentParser
import Checkpoint
import Dataset
import Download
import Foundation
import Launch
import NN
import Parallelism
import Recipes
import SampleData
import Settings
import Telemetry
import Torch
import Training

extension ParsableCommand {
  /// Ends the process: one line for a failure, the parser's own text for help and bad usage.
  static func exit(reporting error: any Error) -> Never {
    if error is ExitCode { exit(withError: error) }
    guard !isFromParser(error) else {
      // The parser knows help and version requests (0) from bad usage (64, by its convention; 2 by ours).
      guard exitCode(for: error) == .success else {
        write(
          UsageHint(root: self).improved(fullMessage(for: error), arguments: Array(CommandLine.arguments.dropFirst())))
        Foundation.exit(2)
      }
      do { try StandardOutput.line(fullMessage(for: error)) } catch { fail(with: error) }
      Foundation.exit(0)
    }
    fail(with: error)
  }

  private static func fail(with error: any Error) -> Never {
    // The code tells of the failure, also where nobody reads the line.
    signal(SIGPIPE, SIG_IGN)
    ConsoleOutput.standardError.clear()
    write("vitrail: \(message(of: error))")
    Foundation.exit(code(of: error))
  }

  /// 2 where the user has to ask for something else: a setting, a path, a model that does not fit; 1 where the work
  /// itself failed, and might succeed another time or elsewhere.
  static func code(of error: any Error) -> Int32 {
    switch error {
    case is UsageError, is OptionsError, is PretrainedError, is SplitError, is SampleDataError, is StateDictMismatch,
      is ScanError, is EvaluationDataError, is PlanError, is LaunchEnvironmentError:
      return 2
    case let error as StoppedBySignal: return error.code
    case CollectiveError.different: return 2
    case CollectiveError.otherRank(_, _, let code): return code
    case let error as LaunchError: return error.isUsage ? 2 : 1
    case let error as ShardError: return code(of: error)
    case let error as DownloadError: return error.isUsage ? 2 : 1
    case let error as ImageFolderError: if case .unreadable = error { return 1 } else { return 2 }
    case let error as CheckpointError: if case .noCheckpoint = error { return 2 } else { return 1 }
    case let error as TrainingError: if case .notFinite = error { return 1 } else { return 2 }
    case let error as TorchError: if case .noSuchDevice = error { return 2 } else { return 1 }
    case let error as DataLoaderError:
      switch error {
      case .emptySet, .noFullBatch, .stateMismatch: return 2
      default: return 1
      }
    default: return 1
    }
  }

  private static func code(of error: ShardError) -> Int32 {
    switch error {
    case .badImage, .tooManyBadImages, .emptyShard, .empty, .inUse: 1
    default: 2
    }
  }

  /// One line, but for several faults in the settings, which are listed.
  private static func message(of error: any Error) -> String {
    if let error = error as? OptionsError, error.issues.count == 1 { return "\(error.source): \(error.issues[0])" }
    if let path = (error as? CocoaError)?.filePath { return "\(printable(path)): \(plainReason(of: error))" }
    return plainReason(of: error)
  }

  private static func isFromParser(_ error: any Error) -> Bool {
    // Parsing wraps what it throws in its own type; everything else comes from `run`.
    error is CleanExit || error is ValidationError || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }
}
