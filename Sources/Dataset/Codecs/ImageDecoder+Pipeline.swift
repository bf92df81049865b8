public import Augment
public import KeyedRandom

extension ImageDecoder {
  /// Decodes what a pipeline needs of a file and writes the model's input, 3 x height x width numbers, to `out`, which
  /// must have room for `pipeline.numValues`. `random` is keyed by (seed, epoch, sample). On an error the contents of
  /// `out` are undefined.
  public func load(
    _ bytes: UnsafeRawBufferPointer, through pipeline: any SamplePipeline, random: KeyedRandom,
    into out: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    let header = try header(of: bytes)
    let (width, height) = (header.orientedWidth, header.orientedHeight)
    let plan = pipeline.plan(width: width, height: height, random: random)
    let decoded = try decodeRegion(bytes, header: header, crop: plan.region, minimumSize: plan.minimumSize)
    pipeline.write(
      decoded.image, box: decoded.box, plan: plan, width: width, height: height, random: random, into: out)
  }
}
