import Foundation
import Preprocessing
import Testing

@Suite struct PreprocessingTests {
  @Test func defaultsAreThoseOfVisionTransformers() {
    let preprocessing = ImagePreprocessing()
    #expect(preprocessing.inputSize == [224, 224])
    #expect(preprocessing.cropFraction == 0.9)
    #expect(preprocessing.interpolation == .bicubic)
    #expect(preprocessing.resizeMode == .shortSide)
    #expect(preprocessing.mean == [0.5, 0.5, 0.5])
    #expect(preprocessing.std == [0.5, 0.5, 0.5])
    #expect(preprocessing.issues.isEmpty)
    #expect(ChannelStatistics.imageNet.mean == [0.485, 0.456, 0.406])
    #expect(ChannelStatistics.imageNet.std == [0.229, 0.224, 0.225])
  }

  @Test func encodingKeepsEveryValue() throws {
    var preprocessing = ImagePreprocessing(
      size: 384, cropFraction: 1, resizeMode: .squash, interpolation: .bilinear, statistics: .imageNet)
    preprocessing.inputSize = [384, 192]
    let data = try JSONEncoder().encode(preprocessing)
    #expect(try JSONDecoder().decode(ImagePreprocessing.self, from: data) == preprocessing)
    #expect(try JSONDecoder().decode(ImagePreprocessing.self, from: Data("{}".utf8)) == ImagePreprocessing())
  }

  @Test(arguments: [
    #"{"inputSize": [224]}"#, #"{"inputSize": [0, 224]}"#, #"{"inputSize": [224, 9223372036854775807]}"#,
    #"{"cropFraction": 0}"#, #"{"cropFraction": 1.5}"#, #"{"mean": [0.5]}"#, #"{"std": [0.5, 0, 0.5]}"#,
    #"{"std": [0.5, -1, 0.5]}"#, #"{"interpolation": "cubic"}"#,
  ])
  func impossibleValuesAreRefused(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ImagePreprocessing.self, from: Data(json.utf8))
    }
  }
}
