import DataTestSupport
import Testing

@testable import Dataset

struct ImageFolderLayoutTests {
  private func layout(_ files: [BytePath]) throws -> (layout: ImageFolderLayout, root: BytePath, scratch: ScratchFolder)
  {
    let scratch = try ScratchFolder()
    for file in files { try scratch.write("x", file) }
    return (try ImageFolderLayout.find(scratch.path), scratch.path, scratch)
  }

  @Test(arguments: [
    ["train", "validation", "test"], ["Train", "valid", "Test"], ["TRAIN", "Val", "TEST"],
    ["Training", "Validation", "Testing"],
  ]) func splitsInAnyLetterCase(_ names: [String]) throws {
    let (found, root, scratch) = try layout(names.map { BytePath("\($0)/a/1.jpg") })
    let folders = names.map { root.appending(BytePath($0)) }
    #expect([found.train, found.validation, found.test] == folders)
    #expect(SplitName.allCases.map { found[$0] } == folders)
    #expect(found.splits == [.train, .validation, .test] && found.hasSplits && found.notes == [])
    _ = scratch
  }

  /// What Roboflow exports: class folders in train, valid and test, and texts beside.
  @Test func roboflow() throws {
    let (found, root, scratch) = try layout([
      "train/a/1.jpg", "train/b/1.jpg", "valid/a/1.jpg", "test/b/1.jpg", "README.dataset.txt", "README.roboflow.txt",
    ])
    #expect(found.validation == root.appending("valid") && found.test == root.appending("test"))
    #expect(found.notes == [])
    #expect(try ImageFolder(root: found.requireTrain()).classes == ["a", "b"])
    _ = scratch
  }

  @Test func aTestSplitIsNoValidationSplit() throws {
    let (found, root, scratch) = try layout(["Train/a/1.jpg", "Test/a/1.jpg"])
    #expect(found.train == root.appending("Train") && found.validation == nil)
    #expect(found.test == root.appending("Test"))
    let alone = try ScratchFolder()
    try alone.write("x", "test/a/1.jpg")
    let layout = try ImageFolderLayout.find(alone.path)
    #expect(layout.train == nil && layout.splits == [.test] && layout.hasSplits)
    #expect(throws: ImageFolderError.noTrainingFolder(alone.path.description, found: ["test"])) {
      try layout.requireTrain()
    }
    _ = scratch
  }

  @Test func classesAloneAreToBeSplit() throws {
    let (found, root, scratch) = try layout(["a/1.jpg", "b/1.jpg", "notes.csv"])
    #expect(found.train == root && found.splits == [.train] && !found.hasSplits)
    // A picture of a train is in a class.
    let (things, thingsRoot, thingsScratch) = try layout(["car/1.jpg", "train/1.jpg", "bus/1.jpg"])
    #expect(things.train == thingsRoot && !things.hasSplits)
    let (stations, _, stationsScratch) = try layout(["bus_station/1.jpg", "train_station/1.jpg"])
    #expect(!stations.hasSplits)
    _ = (scratch, thingsScratch, stationsScratch)
  }

  /// Layouts that would give wrong classes are refused, in one line that says what to do.
  @Test(
    arguments: [
      (["Train/1.jpg", "Test/2.jpg"], "'Test', 'Train'", "Test/CLASS/image.jpg"),
      (["train/1.jpg"], "'train'", "train/CLASS/image.jpg"),
      (["cat/1.jpg", "dog/1.jpg", "Test/1.jpg"], "'Test'", "rename what is a class"),
      (["train/a/1.jpg", "valid/1.jpg"], "'valid'", "valid/CLASS/image.jpg"),
      (["train/1.jpg", "test/2.jpg", "train.csv"], "'train.csv'", "docs/data.md"),
      (["images/1.jpg", "labels.csv"], "'labels.csv'", "docs/data.md"),
      (["1.jpg", "2.jpg", "Labels.CSV"], "'Labels.CSV'", "docs/data.md"),
      (["train/images/1.jpg", "train/labels.tsv", "valid/images/1.jpg"], "'labels.tsv'", "docs/data.md"),
      (["train/images/1.jpg", "train/labels/1.txt"], "'images', 'labels'", "CLASS/image.jpg"),
      (["images/train/1.jpg", "labels/train/1.txt"], "'images', 'labels'", "CLASS/image.jpg"),
      (["train/a/1.jpg", "val/a/1.jpg", "Valid/a/1.jpg"], "'Valid', 'val'", "keep one of them"),
      (["train_images/1.jpg", "test_images/2.jpg", "train.csv"], "'test_images', 'train_images'", "rename them"),
      (["seg_pred/1.jpg", "seg_train/a/1.jpg", "seg_test/a/2.jpg"], "'seg_test', 'seg_train'", "rename them"),
    ] as [([String], String, String)]) func refusals(files: [String], what: String, todo: String) throws
  {
    let scratch = try ScratchFolder()
    for file in files { try scratch.write("x", BytePath(file)) }
    let error = #expect(throws: ImageFolderError.self) { try ImageFolderLayout.find(scratch.path) }
    let message = try #require(error).description
    #expect(message.contains(what) && message.contains(todo) && !message.contains("\n"), "\(message)")
  }

  @Test func whatLiesBesideSplitsIsNamed() throws {
    let (found, _, scratch) = try layout([
      "train/a/1.jpg", "val/a/1.jpg", "test/1.jpg", "test/2.jpg", "unlabeled/1.jpg", "docs/readme.txt",
    ])
    #expect(found.splits == [.train, .validation] && found.notes.count == 2)
    #expect(found.notes[0].hasPrefix("2 images in 'test'") && found.notes[1].contains("'unlabeled'"))
    #expect(!found.notes[1].contains("docs"))
    #expect(throws: ImageFolderError.self) { try ImageFolderLayout.find(scratch.path.appending("nowhere")) }
  }
}
