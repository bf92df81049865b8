import Augment
import Foundation
import KeyedRandom
import Preprocessing
import Settings
import Testing

/// Random turns, affine and perspective views, borders and centre crops against torchvision's, with its draws injected
/// (scripts/reference/make_geometry_fixtures.py).
@Suite struct GeometryTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var transform: String
    var source: Int
    var drawn: [Double]
    var coefficients: [Double]?
    var degrees: [Double]?
    var interpolation: Interpolation?
    var expand: Bool?
    var center: [Double]?
    var padding: [Int]?
    var mode: PaddingMode?
    var size: [Int]?
    var offset: Int
    var width: Int
    var height: Int

    var testDescription: String { "\(transform) of source \(source), bytes from \(offset)" }

    /// The corners that a perspective view drew.
    var corners: [SIMD2<Int>] { (0..<4).map { SIMD2(Int(drawn[2 * $0]), Int(drawn[2 * $0 + 1])) } }

    /// torchvision's view, and ours of the same corners.
    func views() throws -> (theirs: PerspectiveMatrix, ours: PerspectiveMatrix) {
      let n = try #require(coefficients)
      let (right, bottom) = (width - 1, height - 1)
      let start = [SIMD2(0, 0), SIMD2(right, 0), SIMD2(right, bottom), SIMD2(0, bottom)]
      return (
        PerspectiveMatrix(numerators: AffineMatrix(n[0], n[1], n[2], n[3], n[4], n[5]), g: n[6], h: n[7]),
        try #require(PerspectiveMatrix(from: start, to: corners))
      )
    }

    /// How far a sample may be off: by one where torchvision's numbers hold traces of zeros, because Pillow cuts off
    /// fractions, and 99.9999 becomes 99.
    var tolerance: Int { coefficients.map { $0.contains { $0 != 0 && abs($0) < 1e-12 } ? 1 : 0 } ?? 0 }

    /// The settings and the draw, as they stand in the fixture.
    func result(_ image: ImageBuffer) throws -> ImageBuffer {
      let fill = ScalarOrList.list([124, 116, 104])
      let kind = interpolation ?? .nearest
      var random = KeyedRandom(seed: 0)
      switch transform {
      case "RandomRotation":
        let rotation = RandomRotation {
          ($0.interpolation, $0.expand, $0.center, $0.fill) = (kind, expand == true, center, fill)
        }
        return rotation.apply(drawn[0], to: image)
      case "RandomAffine":
        var draw = RandomAffine.Draw()
        (draw.degrees, draw.translation, draw.scale) = (drawn[0], SIMD2(Int(drawn[1]), Int(drawn[2])), drawn[3])
        draw.shear = SIMD2(drawn[4], drawn[5])
        return RandomAffine { ($0.interpolation, $0.center, $0.fill) = (kind, center, fill) }.apply(draw, to: image)
      case "RandomPerspective":
        return RandomPerspective { ($0.interpolation, $0.fill) = (kind, fill) }.apply(corners, to: image)
      case "Pad":
        let (padding, mode) = (try #require(padding), try #require(mode))
        return Pad { ($0.padding, $0.paddingMode, $0.fill) = (.list(padding), mode, fill) }
          .apply(image, random: &random)
      default:
        let size = try #require(size)
        return CenterCrop { $0.size = .list(size) }.apply(image, random: &random)
      }
    }

    /// The case with one of its numbers a little off, for each that its result depends on.
    var planted: [Case] {
      func changed(_ change: (inout Case) -> Void) -> Case {
        var copy = self
        change(&copy)
        return copy
      }
      switch transform {
      case "RandomRotation": return [changed { $0.drawn[0] += 9 }]
      case "RandomAffine":
        return [(0, 9.0), (1, 1), (2, 1), (3, 0.2), (4, 25), (5, 25)].map { index, step in
          changed { $0.drawn[index] += step }
        }
      case "RandomPerspective":
        return (0..<8).map { index in
          changed { $0.drawn[index] += [1, 1, -1, 1, -1, -1, 1, -1][index] * ($0.width < 10 ? 1 : 2) }
        }
      case "Pad": return [changed { $0.padding?[0] += 1 }]
      default: return [changed { $0.size?[0] += 2 }]
      }
    }
  }

  struct Index: Decodable {
    var sources: [OperationFixture.Place]
    var cases: [Case]
  }

  static let folder = OperationFixture.folder.deletingLastPathComponent().appending(path: "geometry")
  static let index = try! JSONDecoder().decode(
    Index.self, from: Data(contentsOf: folder.appending(path: "index.json")))
  static let references = [UInt8](try! Data(contentsOf: folder.appending(path: "references.bin")))

  static func image(_ offset: Int, _ width: Int, _ height: Int) -> ImageBuffer {
    ImageBuffer(width: width, height: height, pixels: Array(references[offset..<offset + width * height * 3]))
  }

  static func input(_ fixture: Case) -> ImageBuffer {
    let place = index.sources[fixture.source]
    return image(place.offset, place.width, place.height)
  }

  static func expected(_ fixture: Case) -> ImageBuffer { image(fixture.offset, fixture.width, fixture.height) }

  @Test(arguments: index.cases)
  func pixelsAreThoseOfTorchvision(fixture: Case) throws {
    let (result, expected) = (try fixture.result(Self.input(fixture)), Self.expected(fixture))
    #expect(result.bounds == expected.bounds)
    #expect(result.difference(from: expected).largest <= fixture.tolerance)
  }

  /// The same float32 numbers but for zeros, and with torchvision's numbers, traces of zeros and all, its pixels.
  @Test func viewsAreThoseOfTorchvision() throws {
    func numbers(_ view: PerspectiveMatrix) -> [Double] {
      let n = view.numerators
      return [n.a, n.b, n.c, n.d, n.e, n.f, view.g, view.h]
    }
    let cases = Self.index.cases.filter { $0.coefficients != nil }
    for fixture in cases {
      let (theirs, ours) = try fixture.views()
      #expect(numbers(ours) == numbers(theirs).map { abs($0) < 1e-12 ? 0 : $0 })
      let image = Self.input(fixture)
      let kind = try #require(fixture.interpolation)
      #expect(image.perspective(theirs, interpolation: kind, fill: (124, 116, 104)) == Self.expected(fixture))
      var other = theirs
      other.numerators.c += 1
      #expect(image.perspective(other, interpolation: kind, fill: (124, 116, 104)) != Self.expected(fixture))
    }
    #expect(cases.count == 48 && cases.count { $0.tolerance == 0 } >= 24)
  }

  @Test func everyTransformAndFilterIsThere() {
    for name in ["RandomRotation", "RandomAffine", "RandomPerspective"] {
      let kinds = Self.index.cases.filter { $0.transform == name }.map(\.interpolation)
      #expect(Set(kinds) == [.nearest, .bilinear, .bicubic] && kinds.count >= 30)
    }
    #expect(Set(Self.index.cases.compactMap(\.mode)) == Set(PaddingMode.allCases))
    #expect(Self.index.cases.count { $0.transform == "CenterCrop" } == 28)
  }

  /// Every number that was drawn or set shows in the pixels; images of a single row or column have less to show.
  @Test func wrongNumbersAreSeen() throws {
    var (numSeen, numPlanted) = (0, 0)
    for fixture in Self.index.cases where fixture.source < 3 {
      for wrong in fixture.planted {
        numPlanted += 1
        let (result, expected) = (try wrong.result(Self.input(fixture)), Self.expected(fixture))
        let isSeen =
          result.bounds != expected.bounds || result.difference(from: expected).largest > fixture.tolerance
        numSeen += isSeen ? 1 : 0
        if !isSeen { print("not seen: \(fixture) \(wrong.drawn)") }
      }
    }
    #expect(numPlanted > 400 && numSeen == numPlanted)
  }

  // MARK: - What is drawn

  private func draws<Random: DrawnTransform>(_ transform: Random, width: Int = 224, height: Int = 160) -> [Random.Draw]
  {
    (0..<20_000).map { sample in
      var random = KeyedRandom(seed: 21, sample)
      return transform.draw(width: width, height: height, random: &random)
    }
  }

  /// Whether numbers fill a range evenly: both ends, and a half below the middle.
  private func fill(_ numbers: [Double], _ range: ClosedRange<Double>) -> Bool {
    let width = range.upperBound - range.lowerBound
    let below = numbers.count { $0 < range.lowerBound + width / 2 }
    return numbers.allSatisfy(range.contains) && numbers.min()! < range.lowerBound + 0.01 * width
      && numbers.max()! > range.upperBound - 0.01 * width
      && abs(Double(below) - Double(numbers.count) / 2) < 2.5 * Double(numbers.count).squareRoot()
  }

  @Test func anglesFillTheirRange() {
    #expect(fill(draws(RandomRotation { $0.degrees = .scalar(30) }), -30...30))
    #expect(fill(draws(RandomRotation { $0.degrees = .list([10, 80]) }), 10...80))
    #expect(!fill(draws(RandomRotation { $0.degrees = .list([10, 80]) }), 9...81))
  }

  @Test func affineDrawsFillTheirRanges() {
    let drawn = draws(
      RandomAffine {
        ($0.degrees, $0.translate, $0.scale) = (.scalar(5), [0.25, 0.5], [0.5, 3])
        $0.shear = .list([-3, 4, 10, 11])
      })
    #expect(fill(drawn.map(\.degrees), -5...5) && fill(drawn.map(\.scale), 0.5...3))
    #expect(fill(drawn.map(\.shear.x), -3...4) && fill(drawn.map(\.shear.y), 10...11))
    #expect(Set(drawn.map(\.translation.x)) == Set(-56...56) && Set(drawn.map(\.translation.y)) == Set(-80...80))
    let slanted = draws(RandomAffine { ($0.degrees, $0.shear) = (.scalar(0), .scalar(8)) })
    #expect(fill(slanted.map(\.shear.x), -8...8))
    #expect(slanted.allSatisfy { $0.degrees == 0 && $0.translation == SIMD2(0, 0) && $0.scale == 1 && $0.shear.y == 0 })
  }

  @Test func cornersMoveInwards() {
    let drawn = draws(RandomPerspective { $0.distortionScale = 0.1 })
    #expect(abs(drawn.count(where: \.isEmpty) - 10_000) < 400)
    let moved = drawn.filter { !$0.isEmpty }
    for (index, (columns, rows)) in [(0...11, 0...8), (212...223, 0...8), (212...223, 151...159), (0...11, 151...159)]
      .enumerated()
    {
      #expect(Set(moved.map { $0[index].x }) == Set(columns) && Set(moved.map { $0[index].y }) == Set(rows))
    }
  }

  // MARK: - Hostile numbers

  @Test func viewsThatAreNoneLeaveTheImage() {
    let image = TransformTests.noise(width: 12, height: 9)
    let perspective = RandomPerspective()
    let flat: [[SIMD2<Int>]] = [
      [SIMD2(0, 0), SIMD2(5, 5), SIMD2(8, 8), SIMD2(0, 8)], [SIMD2](repeating: SIMD2(3, 3), count: 4),
      [SIMD2(6, 0), SIMD2(6, 0), SIMD2(11, 8), SIMD2(0, 8)],
    ]
    for corners in flat { #expect(perspective.apply(corners, to: image) == image) }
    #expect(perspective.apply([SIMD2(1, 0), SIMD2(11, 0), SIMD2(11, 8), SIMD2(0, 8)], to: image) != image)
    for size in [(1, 1), (1, 8), (9, 1), (2, 2), (3, 2)] {
      let small = TransformTests.noise(width: size.0, height: size.1)
      for sample in 0..<100 {
        var random = KeyedRandom(seed: 3, sample)
        let always = RandomPerspective { ($0.distortionScale, $0.probability) = (1, 1) }
        #expect(always.apply(small, random: &random).bounds == small.bounds)
      }
    }
  }

  /// Matrices beyond all reason, the horizon inside the image among them.
  @Test func perspectiveTakesAnyMatrix() {
    let image = TransformTests.noise(width: 6, height: 5)
    let numbers = [0, 1, -1, 1e300, -1e300, 1e-300, .greatestFiniteMagnitude, .infinity, .nan]
    for g in numbers {
      for h in numbers + [-1.0 / 3.5] {
        for a in numbers {
          let matrix = PerspectiveMatrix(numerators: AffineMatrix(a, 0.2, 1, g, a, h), g: g, h: h)
          for kind in [Interpolation.nearest, .bilinear, .bicubic] {
            #expect(image.perspective(matrix, interpolation: kind).bounds == image.bounds)
          }
        }
      }
    }
  }

  @Test(arguments: [
    "RandomRotation(degrees=-1)", "RandomRotation(degrees=[2, 1])", "RandomRotation(center=[1])",
    "RandomRotation(center=[1, 1e9])", "RandomRotation(interpolation=box)", "RandomAffine(translate=[0.5])",
    "RandomAffine(translate=[0.5, 1.5])", "RandomAffine(scale=[0, 1])", "RandomAffine(scale=2)",
    "RandomAffine(shear=-1)", "RandomAffine(shear=[1, 2, 3])", "RandomAffine(shear=[1, 2, 4, 3])",
    "RandomAffine(shear=400)", "RandomPerspective(distortion_scale=1.1)", "RandomPerspective(probability=2)",
    "Pad(padding=-1)",
    "Pad(padding=[1, 2, 3])", "Pad(padding=1000000000)", "Pad(padding_mode=mirror)", "Pad(fill=[1, 2])",
    "ColorJitter(hue=[-0.6, 0])", "ColorJitter(brightness=[1, 0.5])", "ColorJitter(contrast=[-1, 1])",
  ])
  func wrongSettingsAreErrors(shortForm: String) {
    #expect(throws: OptionsError.self) { try TransformSettings(shortForm: shortForm) }
  }

  @Test func outputsAreBounded() throws {
    let image = ImageBuffer(width: 5, height: 4, fill: (1, 2, 3))
    let random = KeyedRandom(seed: 0)
    for padding in [16384, 4000] {
      let pad = try TransformSettings(shortForm: "Pad(padding=\(padding))").options.makeTransform()
      var child = random
      let padded = pad.apply(image, random: &child)
      #expect(padded.width * padded.height <= ImageBuffer.maximumPixels)
      #expect(try #require(pad.outputSize(of: (5, 4))) == (padded.width, padded.height))
      #expect((padded == image) == (padding == 16384))
    }
    // A strip that turned about 45 degrees would fill a square.
    let strip = ImageBuffer(width: 30_000, height: 1, fill: (1, 2, 3))
    #expect(strip.rotated(degrees: 45, expand: true).bounds == strip.bounds)
    let turned = ImageBuffer(width: 3000, height: 1).rotated(degrees: 45, expand: true)
    #expect(turned.width > 2000 && turned.height > 2000)
  }

  @Test func sizesOfTurnsAreKnownWhereTheAngleIs() throws {
    func size(_ shortForm: String) throws -> ImageSize? {
      try TransformSettings(shortForm: "RandomRotation(\(shortForm))").options.makeTransform().outputSize(of: (20, 10))
    }
    #expect(try size("expand=true") == nil)
    #expect(try #require(try size("degrees=30")) == (20, 10))
    #expect(try #require(try size("degrees=[90, 90], expand=true")) == (10, 20))
    let exact = ImageBuffer(width: 20, height: 10).rotated(degrees: 30, expand: true)
    #expect(try #require(try size("degrees=[30, 30], expand=true")) == (exact.width, exact.height))
  }
}
