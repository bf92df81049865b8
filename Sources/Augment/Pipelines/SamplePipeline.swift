public import KeyedRandom

/// The way from an image file to a model's input, in the two halves between which the file is decoded. Both halves get
/// the same `random`, keyed by (seed, epoch, sample), and draw from children of it.
public protocol SamplePipeline: Sendable {
  /// Height of the model's input.
  var outputHeight: Int { get }
  /// Width of the model's input.
  var outputWidth: Int { get }
  /// What is left to do: nil where `write` gives normalised float32 numbers, the normalisation where it gives the 8-bit
  /// samples as they are, a quarter of the bytes.
  var deferred: Normalize? { get }

  /// The pipeline of the samples of one batch, where something is drawn once for all of them; else this pipeline.
  /// `random` is keyed by (seed, epoch, batch).
  func forBatch(random: KeyedRandom) -> any SamplePipeline

  /// What must be decoded of an image of the given (oriented) size.
  func plan(width: Int, height: Int, random: KeyedRandom) -> SourcePlan

  /// Writes 3 x height x width numbers (float32, or uint8 if `deferred`) to `out`, `numBytes` in all, from the decoded region of an image of the given (oriented) size.
  /// `box` is the place of the planned region among the decoded pixels: all of them, unless they were scaled down.
  func write(
    _ region: ImageBuffer, box: ResampleBox, plan: SourcePlan, width: Int, height: Int, random: KeyedRandom,
    into out: UnsafeMutableRawPointer)
}

extension SamplePipeline {
  /// Nothing: the numbers are normalised.
  public var deferred: Normalize? { nil }

  /// This pipeline: nothing is drawn for a whole batch.
  public func forBatch(random: KeyedRandom) -> any SamplePipeline { self }

  /// Number of numbers that a sample takes.
  public var numValues: Int { 3 * outputHeight * outputWidth }

  /// Number of bytes that a sample takes.
  public var numBytes: Int { numValues * (deferred == nil ? MemoryLayout<Float>.size : 1) }

  /// The normalised numbers of an image that is wholly in memory.
  public func apply(_ image: ImageBuffer, random: KeyedRandom) -> [Float] {
    precondition(deferred == nil, "the pipeline gives samples that are not normalised")
    let plan = plan(width: image.width, height: image.height, random: random)
    let region = image.cropped(to: plan.region)
    return [Float](unsafeUninitializedCapacity: numValues) { buffer, count in
      write(
        region, box: ResampleBox(region.bounds), plan: plan, width: image.width, height: image.height, random: random,
        into: buffer.baseAddress!)
      count = numValues
    }
  }
}

/// What a pipeline wants of an image that has not been decoded yet.
public struct SourcePlan: Sendable, Equatable {
  /// The pixels it needs, in oriented coordinates.
  public var region: PixelRect
  /// Where it doesn't mind pixels that were decoded at a half, a quarter or an eighth of their size: the size that the
  /// region must keep.
  public var minimumSize: (width: Int, height: Int)?

  /// A plan from its parts.
  public init(region: PixelRect, minimumSize: (width: Int, height: Int)? = nil) {
    self.region = region
    self.minimumSize = minimumSize
  }

  /// Whether both want the same.
  public static func == (a: SourcePlan, b: SourcePlan) -> Bool {
    a.region == b.region && a.minimumSize?.width == b.minimumSize?.width
      && a.minimumSize?.height == b.minimumSize?.height
  }
}
