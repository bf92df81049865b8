import Foundation
import Testing

/// What is asked for wrongly ends with 2, says so on standard error alone, and leaves nothing behind.
struct UsageTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var arguments: [String]
    var says: [String]
    /// The parser's own messages come with a line of usage.
    var isFromParser = false
    var testDescription: String { arguments.joined(separator: " ") }
  }

  // In these, DATA is a folder of images, RUN a finished run, IMAGE an image and FILE a file that exists.
  static let cases: [Case] = [
    Case(arguments: ["trian"], says: ["'trian'", "did you mean 'train'?"]),
    Case(arguments: ["ponder"], says: ["'ponder'", "vitrail --help"]),
    Case(arguments: ["--bogus"], says: ["--bogus"], isFromParser: true),
    Case(arguments: ["train"], says: ["--data", "--config", "vitrail init"]),
    Case(arguments: ["train", "--bogus"], says: ["--bogus"], isFromParser: true),
    Case(arguments: ["train", "--config", "nowhere.yaml"], says: ["nowhere.yaml", "No such file"]),
    Case(arguments: ["train", "--config", "DATA"], says: ["is a folder"]),
    Case(arguments: ["train", "--data", "nowhere"], says: ["nowhere", "not a folder"]),
    Case(arguments: ["train", "--data", "DATA/light"], says: ["no folders"]),
    Case(arguments: ["train", "--data", "DATA", "--set", "training.epoch=3"], says: ["training.epoch", "'epochs'"]),
    Case(arguments: ["train", "--data", "DATA", "--set", "training.epochs=few"], says: ["training.epochs", "few"]),
    Case(arguments: ["train", "--data", "DATA", "--set", "nonsense"], says: ["nonsense", "path=value"]),
    Case(
      arguments: ["train", "--data", "DATA", "--model", "vit_tinny_patch16_224"],
      says: ["--model vit_tinny_patch16_224", "'vit_tiny_patch16_224'"]),
    Case(arguments: ["train", "--data", "DATA", "--threads", "0"], says: ["--threads 0", "from 1"]),
    Case(arguments: ["train", "--data", "DATA", "--device", "tpu"], says: ["'tpu'", "cpu, cuda"]),
    Case(arguments: ["train", "--data", "DATA", "--init", "nowhere"], says: ["--init", "nowhere"]),
    Case(arguments: ["train", "--data", "DATA", "--init", "some.yaml"], says: ["--init takes weights", "--config"]),
    Case(
      arguments: ["train", "--data", "DATA", "--init", "some.pth"], says: ["--init takes safetensors", "save_file"]),
    Case(
      arguments: ["predict", "--checkpoint", "some.yaml", "IMAGE"], says: ["--checkpoint takes weights", "--config"]),
    Case(arguments: ["train", "--data", "DATA", "--model", "vit_tiny"], says: ["'vit_tiny_patch16_224'"]),
    Case(
      arguments: ["train", "--data", "DATA", "--model", "vit_base_patch16_224.augreg_in21k_ft_in1k"],
      says: ["'vit_base_patch16_224'", "a tag", "--init"]),
    Case(arguments: ["bench", "--model", "vit_tiny"], says: ["'vit_tiny_patch16_224'"]),
    Case(arguments: ["train", "--data", "DATA", "--resume", "nowhere"], says: ["--resume", "nowhere"]),
    Case(arguments: ["train", "--data", "DATA", "--out", "RUN"], says: ["RUN", "vitrail resume"]),
    Case(arguments: ["train", "--data", "DATA", "--out", "RUN", "--resume", "DATA"], says: ["no checkpoint in DATA"]),
    Case(arguments: ["evaluate", "--checkpoint", "nowhere", "--data", "DATA"], says: ["--checkpoint", "nowhere"]),
    Case(arguments: ["evaluate", "--checkpoint", "DATA", "--data", "DATA"], says: ["no checkpoint", "DATA"]),
    Case(arguments: ["evaluate", "--checkpoint", "RUN", "--data", "nowhere"], says: ["nowhere", "not a folder"]),
    Case(arguments: ["evaluate", "--data", "DATA"], says: ["--checkpoint"], isFromParser: true),
    Case(
      arguments: ["evaluate", "--checkpoint", "RUN", "--split", "half"], says: ["half", "validation"],
      isFromParser: true),
    Case(arguments: ["resume"], says: ["run"], isFromParser: true),
    Case(arguments: ["resume", "nowhere"], says: ["nowhere"]),
    Case(arguments: ["predict", "--checkpoint", "RUN", "nowhere.jpg"], says: ["nowhere.jpg"]),
    Case(arguments: ["predict", "--checkpoint", "RUN"], says: ["file-or-dir"], isFromParser: true),
    Case(
      arguments: ["predict", "--checkpoint", "RUN", "IMAGE", "--top-k", "0"], says: ["--top-k"], isFromParser: true),
    Case(
      arguments: ["predict", "--checkpoint", "RUN", "IMAGE", "--format", "xml"], says: ["xml", "json"],
      isFromParser: true),
    Case(
      arguments: ["predict", "--checkpoint", "RUN/checkpoints/best/model.safetensors", "IMAGE"], says: ["--model NAME"]),
    Case(
      arguments: [
        "predict", "--checkpoint", "RUN/checkpoints/best/model.safetensors", "--model", "vit_tiny_patch16_22", "IMAGE",
      ], says: ["'vit_tiny_patch16_224'"]),
    Case(
      arguments: [
        "predict", "--checkpoint", "RUN/checkpoints/best/model.safetensors", "--model", "vit_tiny_patch16_224", "IMAGE",
      ], says: ["do not fit"]),
    Case(arguments: ["models", "resnet"], says: ["resnet", "vitrail models"]),
    Case(arguments: ["models", "--num-classes", "0"], says: ["--num-classes"], isFromParser: true),
    Case(arguments: ["data", "sample", "cats"], says: ["cats"], isFromParser: true),
    Case(arguments: ["data", "sample", "digits", "--out", "DATA"], says: ["DATA", "not empty"]),
    Case(arguments: ["data", "sample", "flowers", "--out", "new", "--size", "9x9"], says: ["9x9", "500x375"]),
    Case(arguments: ["data", "sample", "flowers", "--out", "new", "--count", "1"], says: ["1 images"]),
    Case(arguments: ["data", "download", "cats"], says: ["'cats'", "flowers", "cifar10"], isFromParser: true),
    Case(arguments: ["data", "download", "flowers", "--out", "DATA"], says: ["DATA", "not empty"]),
    Case(arguments: ["data", "download", "flowers", "--out", "FILE"], says: ["FILE", "is a file"]),
    Case(arguments: ["data", "download", "flowers", "--url", "ftp://a/b"], says: ["ftp://a/b", "http"]),
    Case(arguments: ["data", "download", "flowers", "--checksum", "12"], says: ["'12'", "sha256:"]),
    Case(
      arguments: ["data", "download", "flowers", "--max-size", "0"], says: ["--max-size"], isFromParser: true),
    Case(arguments: ["data", "split", "nowhere", "--out", "new"], says: ["nowhere"]),
    Case(arguments: ["data", "split", "DATA", "--out", "RUN"], says: ["not empty"]),
    Case(arguments: ["data", "split", "DATA", "--out", "DATA/inside"], says: ["within"]),
    Case(arguments: ["data", "split", "DATA", "--out", "new", "--ratio", "80%"], says: ["80%", "4:1"]),
    Case(arguments: ["data", "scan", "nowhere"], says: ["nowhere"]),
    Case(arguments: ["data", "scan", "DATA/light"], says: ["no folders"]),
    Case(arguments: ["data", "scan", "DATA", "--duplicates"], says: ["--fix quarantine"], isFromParser: true),
    Case(arguments: ["data", "scan", "DATA", "--workers", "0"], says: ["--workers"], isFromParser: true),
    Case(arguments: ["data", "preview", "--out", "x.png"], says: ["--config", "--data"]),
    Case(arguments: ["data", "preview", "--data", "DATA", "--out", "x.gif"], says: [".png"], isFromParser: true),
    Case(arguments: ["data", "preview", "--data", "nowhere", "--out", "x.png"], says: ["nowhere"]),
    Case(
      arguments: ["data", "preview", "--data", "DATA", "--out", "x.png", "--count", "0"], says: ["--count"],
      isFromParser: true),
    Case(
      arguments: ["data", "preview", "--data", "DATA", "--out", "x.png", "--set", "data.batch_siz=3"],
      says: ["data.batch_siz", "'batch_size'"]),
    Case(arguments: ["init", "FILE"], says: ["FILE", "exists"]),
    Case(arguments: ["init", "new.yaml", "--model", "resnet50"], says: ["model.name", "resnet50"]),
    Case(arguments: ["bench", "--mode", "loader"], says: ["--data"], isFromParser: true),
    Case(arguments: ["bench", "--model", "resnet50"], says: ["'resnet50'"]),
    Case(arguments: ["bench", "--batch-size", "0"], says: ["--batch-size"], isFromParser: true),
  ]

  @Test(arguments: cases) func badUsage(_ wrong: Case) throws {
    let trained = try TrainedRun.shared()
    let folder = try Scratch()
    for name in ["file", "some.yaml", "some.pth"] { try folder.write(Array("mine".utf8), name) }
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "DATA", with: trained.data).replacingOccurrences(of: "RUN", with: trained.run)
        .replacingOccurrences(of: "IMAGE", with: trained.image)
        .replacingOccurrences(of: "FILE", with: "\(folder.path)/file")
    }
    let outcome = try Tool.run(wrong.arguments.map(filled), in: folder.path)
    #expect(outcome.code == 2 && !outcome.wasSignalled, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    for part in wrong.says { #expect(outcome.errors.contains(filled(part)), "\(outcome.errors)") }
    if !wrong.isFromParser {
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("vitrail: "))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["file", "some.pth", "some.yaml"])
    #expect(try folder.text("file") == "mine")
  }

  @Test func everyFaultOfTheSettingsIsShown() throws {
    let folder = try Scratch()
    let recipe = "data:\n  path: somewhere\n  batch_siz: 3\nmodel:\n  depth: -1\ntraning: {}\n"
    try folder.write(Array(recipe.utf8), "my.yaml")
    let outcome = try Tool.run(
      ["train", "--config", "my.yaml", "--set", "optimizer.type=sophia"], in: folder.path)
    #expect(outcome.code == 2)
    for part in [
      "my.yaml: 4 errors", "line 3: data.batch_siz", "'batch_size'", "line 5: model.depth", "line 6: traning",
      "'training'", "--set optimizer.type=sophia",
    ] {
      #expect(outcome.errors.contains(part), "\(part) is not in \(outcome.errors)")
    }
    #expect(outcome.errorLines.count == 5)
  }
}
