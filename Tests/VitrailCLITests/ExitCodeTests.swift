import Checkpoint
import Dataset
import Download
import NN
import Recipes
import SampleData
import Settings
import Testing
import Torch
import Training

@testable import VitrailCLI

/// 2 asks for another command; 1 says that the work failed.
struct ExitCodeTests {
  @Test(
    arguments: [
      (UsageError("x"), 2), (CommandFailure("x"), 1), (PretrainedError.needsName("x"), 2), (StateDictMismatch(), 2),
      (ImageFolderError.notAFolder("x"), 2), (ImageFolderError.unreadable(FileError("open", "x", code: 13)), 1),
      (SplitError.badRatio("x"), 2), (SampleDataError.badCount(0), 2), (FileError("write", "x", code: 28), 1),
      (CheckpointError.noCheckpoint(path: "x", reason: "y"), 2), (CheckpointError.malformed(path: "x", reason: "y"), 1),
      (CheckpointError.cannotAccess(path: "x", reason: "y"), 1),
      (TrainingError.notFinite(step: 1, loss: .nan, gradientNorm: 1, files: []), 1),
      (TrainingError.runDirectory(path: "x", reason: "y"), 2), (TrainingError.mismatch("x"), 2),
      (TorchError.noSuchDevice("x"), 2), (TorchError.outOfMemory("x"), 1), (DataLoaderError.emptySet, 2),
      (DownloadError.outputNotEmpty("x"), 2), (DownloadError.badChecksum("x"), 2),
      (DownloadError.status(url: "x", code: 404), 1), (ArchiveError.truncated(archive: "x"), 1),
      (DataLoaderError.stateMismatch("x"), 2), (DataLoaderError.noThread(reason: "x"), 1),
    ] as [(any Error, Int32)]) func everyErrorHasItsCode(error: any Error, code: Int32)
  {
    #expect(VitrailCommand.code(of: error) == code)
  }

  @Test func settingsAreUsage() {
    #expect(throws: OptionsError.self) {
      do { try RunOptions().validated() } catch {
        #expect(VitrailCommand.code(of: error) == 2)
        throw error
      }
    }
  }
}
