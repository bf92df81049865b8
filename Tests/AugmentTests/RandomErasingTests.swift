import Augment
import Foundation
import KeyedRandom
import Preprocessing
import Settings
import Testing

@Suite struct RandomErasingTests {
  struct Tables: Decodable {
    struct Rect: Decodable {
      var x: Int
      var y: Int
      var width: Int
      var height: Int
      var values: [Float]
    }
    struct Case: Decodable {
      var mode: RandomErasing.Mode
      var rects: [Rect]
      var result: [Float]
    }
    var erasing: [Case]
  }

  /// timm's rectangles and numbers, injected.
  @Test func erasesWhatTimmErases() throws {
    let tables = try JSONDecoder().decode(
      Tables.self, from: Data(contentsOf: PolicyFixture.folder.appending(path: "tables.json")))
    #expect(Set(tables.erasing.map(\.mode)) == Set(RandomErasing.Mode.allCases))
    for fixture in tables.erasing {
      func erase(_ move: Int) -> [Float] {
        var values = (0..<3 * 12 * 17).map { Float($0) }
        let draw = fixture.rects.map { rect in
          let size = rect.width * rect.height
          let isColor = (0..<3).allSatisfy { c in
            rect.values[c * size..<(c + 1) * size].allSatisfy { $0 == rect.values[c * size] }
          }
          return ErasedRect(
            PixelRect(x: rect.x + (rect.x > 0 ? move : 0), y: rect.y, width: rect.width, height: rect.height),
            isColor ? .color((0..<3).map { rect.values[$0 * size] }) : .values(rect.values))
        }
        values.withUnsafeMutableBufferPointer { RandomErasing().apply(draw, to: $0, width: 17, height: 12) }
        return values
      }
      #expect(erase(0) == fixture.result)
      #expect(erase(-1) != fixture.result)
    }
  }

  private func draws(_ erasing: RandomErasing, _ count: Int = 100_000) -> [[ErasedRect]] {
    (0..<count).map {
      var random = KeyedRandom(seed: 5, $0)
      return erasing.draw(width: 200, height: 100, random: &random)
    }
  }

  @Test func rectanglesKeepTheirRanges() {
    let drawn = draws(
      RandomErasing {
        ($0.probability, $0.scale, $0.ratio) = (0.25, [0.02, 0.2], [0.5, 2])
        $0.maximumCount = 3
      })
    let hit = drawn.filter { !$0.isEmpty }
    #expect(abs(Double(hit.count) - 25_000) < 4.5 * 137)
    for count in 1...3 { #expect(abs(Double(hit.count { $0.count == count }) - 8333) < 4.5 * 76) }
    for rects in hit {
      for erased in rects {
        let rect = erased.rect
        #expect(PixelRect(x: 0, y: 0, width: 200, height: 100).contains(rect))
        let part = Double(rect.width * rect.height) * Double(rects.count) / 20_000
        let ratio = Double(rect.height) / Double(rect.width)
        #expect(part > 0.016 && part < 0.22 && ratio > 0.42 && ratio < 2.4)
      }
    }
    let single = hit.filter { $0.count == 1 }.map { $0[0].rect }
    #expect(abs(single.reduce(0) { $0 + Double($1.width * $1.height) } / Double(single.count) / 20_000 - 0.11) < 0.003)
    #expect(single.contains { $0.x == 0 } && single.contains { $0.x + $0.width == 200 })
    #expect(single.contains { $0.y == 0 } && single.contains { $0.y + $0.height == 100 })
  }

  @Test func whatCannotFitIsLeftOut() {
    let drawn = draws(RandomErasing { ($0.probability, $0.scale, $0.ratio) = (1, [1, 1], [1, 1]) }, 100)
    #expect(drawn.allSatisfy { $0.isEmpty })
  }

  @Test func noiseIsNormal() {
    let pixel = RandomErasing {
      ($0.probability, $0.scale, $0.ratio, $0.mode) = (1, [0.9, 0.9], [0.5, 0.5], .pixel)
    }
    var random = KeyedRandom(seed: 6)
    var values = [Float](repeating: .nan, count: 3 * 200 * 100)
    values.withUnsafeMutableBufferPointer { pixel.apply($0, width: 200, height: 100, random: &random) }
    let noise = values.filter { !$0.isNaN }.map { Double($0) }
    let count = Double(noise.count)
    #expect(count > 50_000)
    let mean = noise.reduce(0, +) / count
    let variance = noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let fourth = noise.reduce(0) { $0 + pow($1 - mean, 4) } / count
    #expect(abs(mean) < 4 / count.squareRoot() && abs(variance - 1) < 4 * (2 / count).squareRoot())
    #expect(abs(fourth - 3) < 4 * (96 / count).squareRoot())
    let sorted = noise.sorted()
    let distance = sorted.enumerated().map { abs(0.5 * erfc(-$1 / 2.0.squareRoot()) - Double($0) / count) }.max()!
    #expect(distance < 1.95 / count.squareRoot())
    #expect(Set(noise).count > 20_000)
  }

  @Test func modesWriteTheirNumbers() {
    for mode in RandomErasing.Mode.allCases {
      let erasing = RandomErasing {
        ($0.probability, $0.mode, $0.value) = (1, mode, .list([0.5, -1, 2]))
        ($0.minimumCount, $0.maximumCount) = (2, 2)
      }
      var random = KeyedRandom(seed: 7)
      let drawn = erasing.draw(width: 60, height: 50, random: &random)
      #expect(drawn.count == 2)
      var (once, again) = ([Float](repeating: 9, count: 9000), [Float](repeating: 9, count: 9000))
      for rect in drawn {
        switch (mode, rect.content) {
        case (.const, .color([0.5, -1, 2])), (.pixel, .noise): break
        case (.rand, .color(let color)): #expect(Set(color).count == 3)
        default: Issue.record("\(mode) drew \(rect)")
        }
      }
      once.withUnsafeMutableBufferPointer { erasing.apply(drawn, to: $0, width: 60, height: 50) }
      again.withUnsafeMutableBufferPointer { erasing.apply(drawn, to: $0, width: 60, height: 50) }
      #expect(once == again && once.contains(9) && once.contains { $0 != 9 })
    }
  }

  /// In a pipeline the mean of the normalisation is written, also where the transform stands before others.
  @Test func pipelinesEraseAfterNormalising() {
    let image = TransformTests.noise(width: 40, height: 40)
    let preprocessing = ImagePreprocessing(size: 32, statistics: .imageNet)
    let erasing = RandomErasing { $0.probability = 1 }
    let solarize = RandomSolarize { $0.probability = 1 }
    let pipeline = TrainTransform(preprocessing, flip: 1, transforms: [erasing, solarize])
    let random = KeyedRandom(seed: 8)
    var expected = TrainTransform(preprocessing, flip: 1, transforms: [solarize])
      .apply(image, random: random)
    var child = random.child(2)
    expected.withUnsafeMutableBufferPointer { erasing.apply($0, width: 32, height: 32, random: &child) }
    let values = pipeline.apply(image, random: random)
    #expect(values == expected)
    #expect(values.count { $0 == 0 } >= 3 * 20)
    // On bytes the middle of the range stands for it.
    var again = random.child(2)
    let bytes = erasing.apply(image, random: &again)
    #expect(bytes != image && bytes.pixels.contains(128))
  }
}
