import DataTestSupport
import Testing

@testable import Dataset

struct SplitRuleTests {
  /// The flowers of the tutorial: its code copies `idx <= floor(n * 4 / 5)`, and prints floor(n * 4 / 5).
  @Test func inclusiveIsTheTutorialsSplit() throws {
    let sizes = ["daisy": 633, "dandelion": 898, "roses": 641, "sunflowers": 699, "tulips": 799]
    let scratch = try ScratchFolder()
    for (name, count) in sizes {
      for index in 0..<count { try scratch.write("", BytePath("raw/\(name)/\(index).jpg")) }
    }
    let folder = try ImageFolder(root: scratch.path.appending("raw"))
    let ratio = SplitRatio(train: 4, validation: 1)
    let published = try Split(folder, ratio: ratio, seed: 0, rule: .inclusive)
    #expect(published.counts.map(\.numTrain) == [507, 719, 513, 560, 640])
    #expect(published.train.count == 2939)
    #expect(published.validation.count == 731)
    #expect(try Split(folder, ratio: ratio, seed: 99, rule: .inclusive) == published, "nothing is drawn")

    let exact = try Split(folder, ratio: ratio, seed: 0)
    #expect(exact.train.count == 2934)
    #expect(exact.validation.count == 736)
  }

  @Test func inclusiveTakesTheFirstByName() throws {
    let scratch = try ScratchFolder()
    for name in ["10", "9", "b", "B", "a"] { try scratch.write("", BytePath("raw/x/\(name).jpg")) }
    let folder = try ImageFolder(root: scratch.path.appending("raw"))
    let split = try Split(folder, ratio: SplitRatio(train: 3, validation: 2), seed: 0, rule: .inclusive)
    #expect(split.train.map { folder.name(at: $0) } == ["x/10.jpg", "x/9.jpg", "x/B.jpg", "x/a.jpg"])
    #expect(split.validation.map { folder.name(at: $0) } == ["x/b.jpg"])
  }

  /// 4 : 1 of one to four files: floor(n * 4 / 5) + 1 is all of them, so nothing is left to evaluate on.
  @Test func aClassTooSmallForItGoesToTraining() throws {
    let scratch = try ScratchFolder()
    for name in 0..<4 { try scratch.write("", BytePath("raw/x/\(name).jpg")) }
    let folder = try ImageFolder(root: scratch.path.appending("raw"))
    #expect(throws: SplitError.self) {
      try Split(folder, ratio: SplitRatio(train: 4, validation: 1), seed: 0, rule: .inclusive)
    }
  }
}
