import Augment
import DataTestSupport
import Synchronization
import Testing

@testable import Dataset
@testable import SampleData

struct FlowersSampleTests {
  private func hash(_ bytes: [UInt8]) -> UInt64 {
    var hash = StableHash()
    hash.combine(bytes)
    return hash.value
  }

  @Test func functionOfSeedIndexAndSize() throws {
    let sample = try FlowersSample(count: 10, width: 120, height: 90, seed: 3)
    let longer = try FlowersSample(count: 40, width: 120, height: 90, seed: 3)
    let other = try FlowersSample(count: 10, width: 120, height: 90, seed: 4)
    for index in 0..<10 {
      let image = sample.image(at: index)
      #expect(image.pixels.count == 120 * 90 * 3)
      #expect(image == longer.image(at: index))
      #expect(image != other.image(at: index))
    }
    #expect(Set((0..<10).map { hash(sample.image(at: $0).pixels) }).count == 10)
  }

  /// The very pixels, which no platform, optimisation or library may change: the painters use IEEE arithmetic alone.
  @Test func goldenPixels() throws {
    let sample = try FlowersSample(count: 10, width: 160, height: 120, seed: 42)
    let hashes = (0..<10).map { hash(sample.image(at: $0).pixels) }
    #expect(
      hashes == [
        8_980_871_205_267_385_085, 8_282_133_459_723_225_301, 8_407_304_360_474_211_762, 18_444_934_322_169_589_577,
        2_051_619_768_083_539_738, 8_826_590_759_648_456_662, 10_461_657_368_565_444_278, 17_469_103_642_311_334_461,
        9_533_071_029_517_714_362, 18_030_743_549_283_425_313,
      ])
  }

  @Test func sameFilesWhateverTheThreads() throws {
    let scratch = try ScratchFolder()
    let sample = try FlowersSample(count: 23, width: 80, height: 64, seed: 9)
    let done = Mutex([Int]())
    try sample.write(to: scratch.path.appending("one"), threads: 1) { count in done.withLock { $0.append(count) } }
    try sample.write(to: scratch.path.appending("four"), threads: 4)
    #expect(done.withLock { $0 } == Array(1...23))
    let names = try scratch.files("one")
    #expect(names.count == 23)
    for name in names {
      let one = try FileReader.read(scratch.path.appending(BytePath(name)))
      let four = try FileReader.read(scratch.path.appending(BytePath("four" + name.dropFirst(3))))
      #expect(one == four, "\(name)")
    }
    let folder = try ImageFolder(root: scratch.path.appending("four"))
    #expect(folder.classes == FlowersSample.classes)
    #expect((0..<5).map { label in folder.samples.count { $0.label == label } } == [5, 5, 5, 4, 4])
    for index in folder.samples.indices {
      let image = try ImageDecoder().decode(FileReader.read(folder.path(at: index)))
      #expect(image.width == 80 && image.height == 64)
    }
    let number = try #require(folder.samples.indices.first { folder.name(at: $0) == sample.path(at: 7) })
    #expect(folder.samples[number].label == 7 % 5)
  }

  @Test func refusesWhatStandsThere() throws {
    let scratch = try ScratchFolder()
    try scratch.write("mine", "out/note.txt")
    let out = scratch.path.appending("out")
    let sample = try FlowersSample(count: 5, width: 32, height: 32)
    #expect(throws: SampleDataError.outputNotEmpty(out.description)) { try sample.write(to: out, threads: 2) }
    #expect(try scratch.files() == ["out/note.txt"])
    try scratch.makeFolder("empty")
    try sample.write(to: scratch.path.appending("empty"), threads: 2)
    #expect(try scratch.files("empty").count == 5)
  }

  /// A caller that wants to stop throws from its progress.
  @Test func stoppedWorkLeavesNothing() throws {
    struct Stop: Error {}
    let scratch = try ScratchFolder()
    #expect(throws: Stop.self) {
      try DigitsSample.write(to: scratch.path.appending("out")) { if $0 == 5 { throw Stop() } }
    }
    let flowers = try FlowersSample(count: 20, width: 32, height: 32, seed: 0)
    for threads in [1, 3] {
      #expect(throws: Stop.self) {
        try flowers.write(to: scratch.path.appending("out"), threads: threads) { if $0 == 5 { throw Stop() } }
      }
    }
    #expect(try FileTree.list(scratch.path).isEmpty)
    #expect(try FileTree.hiddenNames(scratch.path) == [])
  }

  @Test func badRequests() throws {
    #expect(throws: SampleDataError.badCount(4)) { try FlowersSample(count: 4) }
    #expect(throws: SampleDataError.badCount(.max)) { try FlowersSample(count: .max) }
    #expect(throws: SampleDataError.badSize("31x375")) { try FlowersSample(count: 5, width: 31, height: 375) }
    for text in ["", "500", "500x", "x375", "500x375x3", "-500x375", "500X375", "8193x100", "9999999999999999999x9"] {
      #expect(throws: SampleDataError.badSize(text)) { try FlowersSample.size(parsing: text) }
    }
    let size = try FlowersSample.size(parsing: "640x480")
    #expect(size.width == 640 && size.height == 480)
  }

  /// The nearest class by mean colour, half of the images to learn from, half to ask.
  private func accuracyOfMeanColour(_ colours: [SIMD3<Float>]) -> Float {
    let numClasses = FlowersSample.classes.count
    let half = colours.count / 2
    var centroids = [SIMD3<Float>](repeating: .zero, count: numClasses)
    for index in 0..<half { centroids[index % numClasses] += colours[index] / Float(half / numClasses) }
    var numRight = 0
    for index in half..<colours.count {
      let distances = centroids.map { ((colours[index] - $0) * (colours[index] - $0)).sum() }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }
      if nearest == index % numClasses { numRight += 1 }
    }
    return Float(numRight) / Float(colours.count - half)
  }

  @Test func colourDoesNotGiveTheClassAway() throws {
    let sample = try FlowersSample(count: 600, width: 64, height: 48, seed: 1)
    var colours = (0..<600).map { index in
      let pixels = sample.image(at: index).pixels
      var sum = SIMD3<Float>.zero
      for start in stride(from: 0, to: pixels.count, by: 3) {
        sum += SIMD3(Float(pixels[start]), Float(pixels[start + 1]), Float(pixels[start + 2]))
      }
      return sum / Float(pixels.count / 3)
    }
    #expect(accuracyOfMeanColour(colours) < 0.36)
    // The check sees classes that are given away.
    for index in colours.indices { colours[index].x += Float(index % 5) * 60 }
    #expect(accuracyOfMeanColour(colours) > 0.5)
  }

  @Test func polynomialsFollowTheFunctions() {
    for step in -400...400 {
      let x = Float(step) * 0.05
      #expect(abs(PolynomialTrigonometry.sine(x) - Float(sineReference(Double(x)))) < 1e-5)
    }
    // tan of the angle leads back to the point.
    for (x, y) in [(1, 0), (1, 1), (0, 1), (-1, 2), (-3, 0.5), (-1, -1), (0, -2), (2, -0.3)] as [(Float, Float)] {
      let angle = PolynomialTrigonometry.angle(y: y, x: x)
      let length = (x * x + y * y).squareRoot()
      #expect(abs(PolynomialTrigonometry.cosine(angle) * length - x) < 3e-4 * length)
      #expect(abs(PolynomialTrigonometry.sine(angle) * length - y) < 3e-4 * length)
    }
    #expect(PolynomialTrigonometry.angle(y: 0, x: 0) == 0)
  }

  /// The sine by its series, after folding to a small argument.
  private func sineReference(_ x: Double) -> Double {
    let folded = x - (x / (2 * .pi)).rounded() * 2 * .pi
    var term = folded
    var sum = folded
    for k in 1..<14 {
      term *= -folded * folded / Double(2 * k * (2 * k + 1))
      sum += term
    }
    return sum
  }
}
