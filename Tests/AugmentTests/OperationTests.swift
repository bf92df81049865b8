import Augment
import Preprocessing
import Testing

/// The operations of images against Pillow, torchvision and timm.
@Suite struct OperationTests {
  @Test(arguments: OperationFixture.index.cases)
  func pixelsAreThoseOfTheReference(fixture: OperationFixture) {
    let (result, expected) = (fixture.result(fixture.input), fixture.expected)
    #expect(result.width == expected.width && result.height == expected.height)
    #expect(result.difference(from: expected) == (0, 0))
  }

  /// A fault of one grey level in one sample, and the operation of another image, are both seen.
  @Test(arguments: OperationFixture.index.cases)
  func theComparisonNoticesFaults(fixture: OperationFixture) {
    var result = fixture.result(fixture.input)
    result.pixels[0] ^= 1
    #expect(result.difference(from: fixture.expected) == (1, 1))
    var other = fixture.input
    for index in other.pixels.indices { other.pixels[index] = other.pixels[index] &* 31 &+ UInt8(index % 97) }
    #expect(fixture.result(other).difference(from: fixture.expected).largest > 1 || fixture.isConstant)
  }

  /// Every operation with what comes next to its arguments: the fixtures tell them apart.
  @Test func wrongArgumentsAreNoticed() {
    for fixture in OperationFixture.index.cases where fixture.source == 0 {
      for wrong in fixture.withWrongArguments {
        #expect(wrong.result(fixture.input).difference(from: fixture.expected).count > 0, "\(wrong)")
      }
    }
  }

  @Test(arguments: [(1, 1), (1, 7), (6, 1), (2, 2), (5, 3)])
  func extremeArgumentsAreHarmless(size: (Int, Int)) {
    let image = TransformTests.noise(width: size.0, height: size.1)
    let huge = [0, -0.0, 1e-300, 1, -1, 1e9, -1e9, 1e300, -1e300, .greatestFiniteMagnitude]
    for number in huge {
      for kind in [Interpolation.nearest, .bilinear, .bicubic] {
        for expand in [false, true] { _ = image.rotated(degrees: number, interpolation: kind, expand: expand) }
        _ = image.sheared(x: number, interpolation: kind)
        _ = image.sheared(y: number, interpolation: kind)
        _ = image.translated(x: number, y: -number, interpolation: kind)
        for other in huge {
          _ = image.affine(AffineMatrix(number, other, -other, other, number, number), interpolation: kind)
        }
      }
      for factor in [number, -number] {
        for result in [
          image.brightness(factor), image.color(factor), image.contrast(factor), image.sharpness(factor),
          image.blended(with: image.inverted(), factor),
        ] { #expect(result.bounds == image.bounds) }
      }
    }
    for radius in [1e-300, 1e-9, 0.3, 7, 1000] {
      #expect(image.gaussianBlurred(radius: radius).bounds == image.bounds)
    }
    for (kernelSize, sigma) in [(1, 1e-300), (31, 1e-300), (31, 1e300), (101, 3)] {
      #expect(image.gaussianBlurred(kernelSize: kernelSize, sigma: sigma).bounds == image.bounds)
    }
    _ = (image.equalized(), image.autoContrast(cutoff: 100), image.solarizedAdd(.min), image.solarizedAdd(.max))
  }

  @Test func noBitsAreBlack() {
    let image = TransformTests.noise(width: 5, height: 3)
    #expect(image.posterized(bits: 0) == ImageBuffer(width: 5, height: 3))
  }
}
