import Foundation
import KeyedRandom
import Testing

@testable import Augment

/// Titans' operations against torchvision's tensor functions (scripts/reference/make_titans_fixtures.py), and its way
/// of drawing them.
struct WholeBatchRandAugmentTests {
  private struct Case: Decodable, CustomTestStringConvertible {
    var operation: String
    var argument: Double
    var left: Int?
    var top: Int?
    var offset: Int
    var width: Int
    var height: Int
    var testDescription: String { "\(operation)(\(argument))" }
  }
  private struct Index: Decodable {
    var source: OperationFixture.Place
    var cases: [Case]
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/titans")
  private static let index = try! JSONDecoder().decode(
    Index.self, from: Data(contentsOf: folder.appending(path: "index.json")))
  private static let references = [UInt8](try! Data(contentsOf: folder.appending(path: "references.bin")))

  private static func image(at offset: Int) -> ImageBuffer {
    let place = index.source
    let count = place.width * place.height * 3
    return ImageBuffer(
      width: place.width, height: place.height, pixels: Array(references[offset..<offset + count]))
  }

  /// The share of samples that are within one grey level.
  private static func agreement(_ a: ImageBuffer, _ b: ImageBuffer) -> Double {
    let close = zip(a.pixels, b.pixels).count { abs(Int($0) - Int($1)) <= 1 }
    return Double(close) / Double(a.pixels.count)
  }

  private static let source = image(at: index.source.offset)

  private static func result(
    _ fixture: Case, argument: Double? = nil, of image: ImageBuffer = source
  ) throws -> ImageBuffer {
    let operation = try #require(TitansOperation(rawValue: fixture.operation))
    var place = (x: 0.5, y: 0.5)
    if let left = fixture.left, let top = fixture.top {
      let room = (image.width - 2 * Int(fixture.argument), image.height - 2 * Int(fixture.argument))
      place = ((Double(left) + 0.5) / Double(room.0), (Double(top) + 0.5) / Double(room.1))
    }
    return operation.apply(argument ?? fixture.argument, place: place, to: image)
  }

  @Test func pixelsAreThoseOfTorchvision() throws {
    #expect(Set(Self.index.cases.map(\.operation)).count == TitansOperation.allCases.count)
    for fixture in Self.index.cases {
      let share = Self.agreement(try Self.result(fixture), Self.image(at: fixture.offset))
      #expect(share >= 0.999, "\(fixture.testDescription): \(share)")
    }
  }

  @Test func theComparisonNoticesFaults() throws {
    for fixture in Self.index.cases {
      let expected = Self.image(at: fixture.offset)
      // An image upside down, which every operation makes something else of.
      let other = try Self.result(fixture, of: Self.source.turnedUpsideDown())
      #expect(Self.agreement(other, expected) < 0.9, "\(fixture.testDescription)")
      guard fixture.argument != 0, fixture.operation != "cutout" else { continue }
      let off = fixture.argument * (abs(fixture.argument) < 1 ? 12 : 0.75)
      let share = Self.agreement(try Self.result(fixture, argument: off), expected)
      #expect(share < 0.999, "\(fixture.testDescription) with \(off): \(share)")
    }
  }

  @Test func argumentsAreThoseOfTheFullMagnitude() {
    let arguments = TitansOperation.allCases.map { $0.argument(magnitude: 10) }
    #expect(
      arguments.map { ($0 * 1000).rounded() / 1000 } == [
        0, 0, 0, 30, 4, 200, 110, 1.9, 1.9, 1.9, 1.9, 0.3, 0.3, 40, 40, 40,
      ])
    // Half the magnitude: whole numbers are rounded down.
    #expect(TitansOperation.posterize.argument(magnitude: 4) == 1)
    #expect(TitansOperation.cutout.argument(magnitude: 5) == 20)
  }

  @Test func drawsFollowTheCode() {
    let augment = WholeBatchRandAugment()
    var counts = [TitansOperation: Int]()
    var numUntouched = 0
    var numNegative = 0
    let numBatches = 20_000
    for batch in 0..<numBatches {
      var random = KeyedRandom(seed: 5, 0, -1 - batch)
      let steps = augment.draw(random: &random).steps
      if steps.isEmpty { numUntouched += 1 }
      #expect(steps.isEmpty || (steps.count == 2 && steps[0].operation != steps[1].operation))
      for step in steps {
        counts[step.operation, default: 0] += 1
        #expect(abs(step.argument) == step.operation.argument(magnitude: 10))
        if step.argument < 0 { numNegative += 1 }
      }
    }
    // Five deviations of a binomial count.
    func isNear(_ count: Int, _ expected: Double, of total: Int) -> Bool {
      let share = expected / Double(total)
      return abs(Double(count) - expected) < 5 * (Double(total) * share * (1 - share)).squareRoot()
    }
    #expect(isNear(numUntouched, Double(numBatches) / 2, of: numBatches))
    #expect(counts.count == 16)
    for (operation, count) in counts { #expect(isNear(count, 1250, of: numBatches), "\(operation): \(count)") }
    #expect(isNear(numNegative, 1250 * 5 / 2, of: numBatches))
  }

  /// All images of a batch get the same operations, and the next batch gets others.
  @Test func aBatchSharesItsDraw() throws {
    let augment = WholeBatchRandAugment()
    var changed = 0
    var different = Set<[UInt8]>()
    for batch in 0..<40 {
      var random = KeyedRandom(seed: 1, 3, -1 - batch)
      let transform = augment.forBatch(random: &random)
      let results = (0..<4).map { sample -> [UInt8] in
        var random = KeyedRandom(seed: 1, 3, sample)
        return transform.apply(Self.source, random: &random).pixels
      }
      #expect(Set(results).count == 1)
      if results[0] != Self.source.pixels { changed += 1 }
      different.insert(results[0])
    }
    #expect(changed > 10 && changed < 30)
    #expect(different.count > changed / 2)
  }
}
