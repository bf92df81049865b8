public import Augment
public import KeyedRandom

/// Decodes JPEG, PNG and WebP to 8-bit RGB, whole or only a rectangle of it. What Pillow's `convert("RGB")` gives: alpha
/// is dropped, palettes and grey are expanded, CMYK is taken as Adobe writes it; 16-bit samples keep their high byte (those
/// of grey too, which Pillow clips to 255 instead). Stateless, so that one decoder serves all threads.
public struct ImageDecoder: Sendable {
  /// What `maxPixels` may be: at most the largest JPEG that libjpeg knows, and below what any product of sizes overflows.
  public static let pixelLimits = 1...1 << 32

  /// Files with more pixels are refused before anything of their size is allocated. The default is Pillow's; what lies
  /// outside of `pixelLimits` counts as the nearest of them.
  public var maxPixels = 179_000_000
  /// Whether EXIF's orientation is applied.
  public var applyOrientation = true
  /// Whether a JPEG may be decoded at a half, a quarter or an eighth of its size where `minimumSize` allows it: faster
  /// on large photos, not the same pixels, for training only.
  public var allowsDCTScaling = false

  /// A decoder with the default limits.
  public init() {}

  /// The header of a file, with the limit on pixels checked; `orientation` is `up` where it is not to be applied.
  public func header(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
    var header = try ImageHeader.read(bytes)
    let limit = min(max(maxPixels, Self.pixelLimits.lowerBound), Self.pixelLimits.upperBound)
    let (count, overflow) = header.width.multipliedReportingOverflow(by: header.height)
    guard !overflow, count <= limit else {
      throw .tooManyPixels(width: header.width, height: header.height, limit: limit)
    }
    if !applyOrientation { header.orientation = .up }
    return header
  }

  /// The pixels of `crop` (in oriented coordinates; nil: of the whole image), exactly those that a full decode has
  /// there. With `allowsDCTScaling` and a `minimumSize`, a scaled version of them, at least that large where the
  /// original is.
  public func decode(
    _ bytes: UnsafeRawBufferPointer, crop: PixelRect? = nil, minimumSize: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> ImageBuffer {
    try decodeRegion(bytes, header: header(of: bytes), crop: crop, minimumSize: minimumSize).image
  }

  /// The pixels of a file in memory, as above.
  public func decode(_ bytes: [UInt8], crop: PixelRect? = nil) throws(ImageError) -> ImageBuffer {
    let result = bytes.withUnsafeBytes { (raw) -> Result<ImageBuffer, ImageError> in
      Result { () throws(ImageError) in try decode(raw, crop: crop) }
    }
    return try result.get()
  }

  /// Like `decode`, for callers that have read the header with ``header(of:)``, and with the exact place of the crop
  /// among the decoded pixels.
  public func decodeRegion(
    _ bytes: UnsafeRawBufferPointer, header: ImageHeader, crop: PixelRect? = nil,
    minimumSize: (width: Int, height: Int)? = nil
  ) throws(ImageError) -> DecodedRegion {
    let bounds = PixelRect(x: 0, y: 0, width: header.orientedWidth, height: header.orientedHeight)
    let crop = crop ?? bounds
    guard bounds.contains(crop) else {
      throw .cropOutside(crop, width: header.orientedWidth, height: header.orientedHeight)
    }
    let orientation = header.orientation
    let stored = orientation.stored(crop, width: header.width, height: header.height)
    if header.format == .jpeg, allowsDCTScaling, let minimumSize {
      let scale = JPEGDecoder.scale(for: crop, minimumSize: minimumSize)
      if scale < 8 { return try decodeScaled(bytes, header: header, stored: stored, scale: scale) }
    }
    let image =
      switch header.format {
      case .jpeg: try JPEGDecoder(maxPixels: maxPixels).decode(bytes, header: header, crop: stored, scale: 8)
      case .png: try PNGDecoder().decode(bytes, header: header, crop: stored)
      case .webp: try WebPDecoder().decode(bytes, header: header, crop: stored)
      }
    let oriented = orientation.apply(to: image)
    return DecodedRegion(image: oriented, box: ResampleBox(oriented.bounds))
  }

  private func decodeScaled(
    _ bytes: UnsafeRawBufferPointer, header: ImageHeader, stored: PixelRect, scale: Int
  ) throws(ImageError) -> DecodedRegion {
    let ratio = Double(scale) / 8
    let exact = ResampleBox(
      x0: Double(stored.x) * ratio, y0: Double(stored.y) * ratio, x1: Double(stored.x + stored.width) * ratio,
      y1: Double(stored.y + stored.height) * ratio)
    let (x, y) = (Int(exact.x0.rounded(.down)), Int(exact.y0.rounded(.down)))
    let rect = PixelRect(
      x: x, y: y, width: Int(exact.x1.rounded(.up)) - x, height: Int(exact.y1.rounded(.up)) - y)
    let image = try JPEGDecoder(maxPixels: maxPixels).decode(bytes, header: header, crop: rect, scale: scale)
    let box = exact.translated(x: Double(-x), y: Double(-y))
    return DecodedRegion(
      image: header.orientation.apply(to: image),
      box: header.orientation.shown(box, width: rect.width, height: rect.height))
  }
}

/// Decoded pixels, and where among them the wanted rectangle lies: the whole image when it was decoded in full size, a
/// part with fractional borders when it was decoded at a half, a quarter or an eighth of it.
public struct DecodedRegion: Sendable {
  /// The pixels, oriented.
  public var image: ImageBuffer
  /// The wanted rectangle in the coordinates of `image`.
  public var box: ResampleBox
}

extension ImageDecoder {
  /// Decodes what a pipeline needs of a file and writes the model's input, 3 x height x width numbers, to `out`, which
  /// must have room for `pipeline.numBytes`. `random` is keyed by (seed, epoch, sample). On an error the contents of
  /// `out` are undefined.
  public func load(
    _ bytes: UnsafeRawBufferPointer, through pipeline: any SamplePipeline, random: KeyedRandom,
    into out: UnsafeMutableRawPointer
  ) throws(ImageError) {
    let header = try header(of: bytes)
    let (width, height) = (header.orientedWidth, header.orientedHeight)
    let plan = pipeline.plan(width: width, height: height, random: random)
    let decoded = try decodeRegion(bytes, header: header, crop: plan.region, minimumSize: plan.minimumSize)
    pipeline.write(
      decoded.image, box: decoded.box, plan: plan, width: width, height: height, random: random, into: out)
  }
}
