import Augment
import Dataset
import KeyedRandom
import Preprocessing
import Testing

/// From the bytes of a file to a model's input: decoding only what a pipeline plans changes nothing.
@Suite struct CodecPipelineTests {
  static func load(_ bytes: [UInt8], _ pipeline: any SamplePipeline, seed: UInt64) throws -> [Float] {
    var numbers = [Float](repeating: .nan, count: pipeline.numValues)
    try bytes.withUnsafeBytes { raw in
      try ImageDecoder().load(raw, through: pipeline, random: KeyedRandom(seed: seed), into: &numbers)
    }
    return numbers
  }

  @Test(arguments: CodecCropTests.files)
  func plannedDecodingChangesNothing(file: String) throws {
    let bytes = CodecFixtures.bytes(of: file)
    let full = try ImageDecoder().decode(bytes)
    let preprocessing = ImagePreprocessing(size: 20, statistics: .imageNet)
    let pipelines: [any SamplePipeline] = [EvalTransform(preprocessing), TrainTransform(preprocessing)]
    for pipeline in pipelines {
      for seed in 0..<UInt64(10) {
        #expect(try Self.load(bytes, pipeline, seed: seed) == pipeline.apply(full, random: KeyedRandom(seed: seed)))
      }
    }
    #expect(try Self.load(bytes, pipelines[1], seed: 0) != Self.load(bytes, pipelines[1], seed: 1) || full.width == 1)
  }
}
