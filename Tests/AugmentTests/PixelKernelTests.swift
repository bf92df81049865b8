import CPixels
import KeyedRandom
import Testing

/// Every implementation of the inner loops gives the same bits, and writes nothing but its pixels. Those that are in use
/// are held against Pillow in `OperationTests`.
@Suite struct PixelKernelTests {
  static let isChosen = String(cString: cpixels_implementation()) != "portable"

  @Test func theSameLoopsAreChosenAsForResizes() {
    #expect(String(cString: cpixels_implementation()) == ResampleKernelTests.chosen)
  }

  @Test(.enabled(if: isChosen, ResampleKernelTests.onlyPortable)) func viewsAgree() {
    var random = KeyedRandom(seed: 61)
    var numNoticed = 0
    for _ in 0..<300 {
      let (sourceWidth, sourceHeight) = (1 + random.integer(below: 30), 1 + random.integer(below: 30))
      let (width, height) = (1 + random.integer(below: 30), 1 + random.integer(below: 30))
      // The bytes lie at the end of their memory, so that a tool that watches memory sees a read behind it.
      let samples = (0..<sourceWidth * sourceHeight * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let numbers = (0..<4).map { _ in random.uniform(in: -1.5...1.5) }
      // Every second view is in perspective.
      let horizon = random.bool(probability: 0.5) ? [0.01, -0.02] : [0, 0]
      samples.withUnsafeBufferPointer { samples in
        var view = cpixels_view(
          samples: samples.baseAddress, width: Int32(sourceWidth), height: Int32(sourceHeight), a: numbers[0],
          b: numbers[1], c: Double(sourceWidth) / 2 - numbers[0] * Double(width) / 2, d: numbers[2], e: numbers[3],
          f: Double(sourceHeight) / 2 - numbers[3] * Double(height) / 2, g: horizon[0], h: horizon[1], fill: (1, 2, 3))
        func run(
          _ kernel: (UnsafePointer<cpixels_view>, Int32, Int32, UnsafeMutablePointer<UInt8>) -> Void
        ) -> [UInt8] {
          var out = [UInt8](repeating: 77, count: width * height * 3 + 8)
          kernel(&view, Int32(width), Int32(height), &out)
          #expect(out.suffix(8).allSatisfy { $0 == 77 })
          return out
        }
        let bilinear = run(cpixels_bilinear_portable)
        let bicubic = run(cpixels_bicubic_portable)
        #expect(run(cpixels_bilinear) == bilinear)
        #expect(run(cpixels_bicubic) == bicubic)
        view.c += 0.25
        if run(cpixels_bilinear) != bilinear, run(cpixels_bicubic) != bicubic { numNoticed += 1 }
      }
    }
    // A moved view shows, but for single pixels and views of the fill alone.
    #expect(numNoticed > 250)
  }

  /// Whichever loops are in use, against the formula: not with one another.
  @Test func blendsAreExact() {
    var random = KeyedRandom(seed: 62)
    for _ in 0..<200 {
      let count = 1 + random.integer(below: 200)
      let a = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let b = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let factor = Float(random.uniform(in: -2...3))
      let exact = zip(a, b).map { UInt8(max(0, min(255, Float($0) + factor * (Float($1) - Float($0))))) }
      for blend in [cpixels_blend_portable, cpixels_blend] {
        var out = [UInt8](repeating: 77, count: count + 8)
        blend(a, b, factor, count, &out)
        #expect(out == exact + [UInt8](repeating: 77, count: 8))
      }
    }
  }

  @Test(.enabled(if: isChosen, ResampleKernelTests.onlyPortable)) func huesAgree() {
    var random = KeyedRandom(seed: 63)
    for shift in [UInt8(0), 1, 100, 255] {
      let samples = (0..<3 * 4000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var portable = [UInt8](repeating: 77, count: samples.count + 8)
      var chosen = portable
      cpixels_turn_hues_portable(samples, shift, 4000, &portable)
      cpixels_turn_hues(samples, shift, 4000, &chosen)
      #expect(chosen == portable)
      #expect(portable.suffix(8).allSatisfy { $0 == 77 })
      // The value, which is the largest of the three, stays.
      for index in stride(from: 0, to: samples.count, by: 3) {
        #expect(portable[index..<index + 3].max() == samples[index..<index + 3].max())
      }
    }
  }
}
