import Foundation
import Testing
import Torch

@testable import VitrailCLI

/// The parser's messages, with a line that says what to write instead.
struct HintTests {
  @Test(arguments: [
    ("train --data d --epochs 10", "settings are changed by --set: --set training.epochs=10"),
    ("train --data d --learning-rate=1e-3", "settings are changed by --set: --set training.lr=1e-3"),
    ("train --data d --lr -1", "settings are changed by --set: --set training.lr=-1"),
    ("train --data d --amp --quiet", "settings are changed by --set: --set precision=..."),
    ("train --data d --img-size 32", "settings are changed by --set: --set model.image_size=32"),
    ("train --data-dir photos", "the option is --data: --data photos"),
    ("train --data d --output_dir runs/x", "the option is --out: --out runs/x"),
    ("train --data d --pretrained w.safetensors", "the option is --init: --init w.safetensors"),
    ("train --cfg a.yaml", "the option is --config: --config a.yaml"),
    ("train --data d lr=0.1", "settings are changed by --set: --set lr=0.1"),
    ("train /", "the folder with the images follows --data: --data /"),
    ("train --data d --threads -1", "a negative value is joined to its option: --threads=-1"),
    ("data preview --out a.png --data d --batch-size 3", "settings are changed by --set: --set data.batch_size=3"),
    ("evaluate --weights run --data d", "the option is --checkpoint: --checkpoint run"),
    ("predict --checkpoint run a.jpg --bs 3", "the option is --batch-size: --batch-size 3"),
    ("bench --num-workers 3", "the option is --workers: --workers 3"),
  ]) func whatToWriteInstead(line: String, hint: String) throws {
    let outcome = try Tool.run(line.split(separator: " ").map(String.init))
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.dropFirst().first == "Hint:  \(hint)", "\(outcome.errors)")
    // The parser's own guess goes by letters alone.
    #expect(!outcome.errors.contains("Did you mean"))
    #expect(outcome.errors.contains("Usage: vitrail"))
  }

  @Test(arguments: ["train --data d --zzz 3", "evaluate --epochs 3", "predict --checkpoint x --top-k", "models a b"])
  func withoutAdviceTheMessageStaysAsItIs(line: String) throws {
    let outcome = try Tool.run(line.split(separator: " ").map(String.init))
    #expect(outcome.code == 2)
    #expect(outcome.errors.hasPrefix("Error: "))
    #expect(!outcome.errors.contains("Hint:"))
  }

  @Test func moreGuessesThanClassesAreSaidToBeTooMany() throws {
    let trained = try TrainedRun.shared()
    let arguments = ["predict", "--checkpoint", trained.run, trained.image, "--format", "csv"]
    let many = try Tool.run(arguments + ["--top-k", "99"])
    #expect(many.code == 0)
    #expect(many.errors.contains("--top-k 99: the model has 2 classes, all of them are shown"))
    let usual = try Tool.run(arguments)
    #expect(!usual.errors.contains("--top-k"))
    #expect(many.output == usual.output)
  }

  /// Outputs in a folder that is not there: the message names the file that was asked for.
  @Test(arguments: [
    ["train", "--data", "DATA", "--set", "model.image_size=32", "--plot-schedule", "no/x.svg"],
    ["data", "scan", "DATA", "--json", "no/x.json"], ["data", "preview", "--data", "DATA", "--out", "no/x.png"],
    ["data", "apply", "Equalize", "IMAGE", "no/x.png"], ["init", "no/x.yaml"],
  ]) func aMissingFolderIsToldByTheNameOfTheFile(arguments: [String]) throws {
    let trained = try TrainedRun.shared()
    let outcome = try Tool.run(
      arguments.map { $0 == "DATA" ? trained.data : $0 == "IMAGE" ? trained.image : $0 })
    #expect(outcome.code != 0)
    let last = try #require(outcome.errorLines.last { $0.hasPrefix("vitrail: ") })
    #expect(last.contains(try #require(arguments.last)) && last.contains("No such file or directory"), "\(last)")
    #expect(!last.contains("partial") && !last.contains("could not be completed"), "\(last)")
  }

  @Test func aFailureOfTheEngineClosesTheProgressLineAndNamesTheCommand() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      VitrailCommand.announceFatalErrors(of: "train")
      _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([2, 3]))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.hasPrefix("vitrail train: the tensor engine failed\n"), "\(text)")
  }
}
