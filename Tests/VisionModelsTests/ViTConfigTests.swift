import Foundation
import Settings
import Testing
import VisionModels

/// What a checkpoint says of a model's shape, as other versions wrote it.
@Suite struct ViTConfigTests {
  private func decoded(_ fields: [String: Any]) throws -> ViTConfig {
    try JSONDecoder().decode(ViTConfig.self, from: JSONSerialization.data(withJSONObject: fields))
  }

  private func encoded(_ config: ViTConfig) throws -> NSDictionary {
    try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(config)) as? NSDictionary)
  }

  /// No two fields of a type have the same value, so that one that is read into another shows.
  private let all: [String: Any] = [
    "imageSize": 33, "patchSize": 34, "inChannels": 35, "numClasses": 36, "embedDim": 37, "depth": 38, "numHeads": 39,
    "mlpRatio": 1.5, "qkvBias": false, "classToken": false, "distilled": true, "numRegisterTokens": 40,
    "pooling": "mean", "representationSize": 41, "layerScale": 0.25, "noEmbedClass": true, "layerNormEps": 0.125,
    "positionDropout": 0.1, "attentionDropout": 0.2, "projectionDropout": 0.3, "headDropout": 0.4,
    "stochasticDepth": 0.5,
  ]

  @Test func everyFieldComesBack() throws {
    #expect(try encoded(decoded(all)) == all as NSDictionary)
    #expect(ViTConfig.fields.map(\.name).sorted() == all.keys.sorted())
    for (name, value) in all {
      #expect(try encoded(ViTConfig())[name] as? NSObject != value as? NSObject, "\(name) is tested with its default")
    }
  }

  @Test func anOlderFileLacksFields() throws {
    var expected = ViTConfig()
    expected.imageSize = 32
    expected.embedDim = 96
    #expect(try decoded(["imageSize": 32, "embedDim": 96]) == expected)
    for name in all.keys {
      var fields = all
      fields[name] = nil
      let found = try encoded(decoded(fields))
      #expect(try found[name] as? NSObject == encoded(ViTConfig())[name] as? NSObject, "\(name)")
    }
  }

  @Test func aNewerFileHasFieldsMore() throws {
    var fields = all
    fields["ropeTheta"] = 10000
    fields["window"] = ["size": [7, 7]]
    #expect(try decoded(fields) == decoded(all))
  }

  @Test func aFieldOfAnotherTypeIsRefused() {
    for (name, value) in [("depth", "12"), ("depth", NSNull()), ("pooling", "max"), ("qkvBias", 3)] as [(String, Any)] {
      #expect(throws: DecodingError.self, "\(name)") { try decoded([name: value]) }
    }
  }
}
