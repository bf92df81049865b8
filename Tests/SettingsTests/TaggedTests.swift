import Foundation
import Settings
import Testing

@Suite struct TaggedTests {
  @Test func theDefaultTypeKeepsItsDefaults() throws {
    let options = try load("optimizer: {lr: 3e-4}").optimizer
    #expect(options.name == "adamw")
    #expect(options.options.lr == 3e-4)
    #expect((options.options as? AdamWOptions)?.weightDecay == 0.05)
  }

  @Test func anotherTypeStartsFromItsOwnDefaults() throws {
    let options = try load("optimizer: {type: sgd, momentum: 0.5}").optimizer
    #expect((options.options as? SGDOptions)?.momentum == 0.5)
    #expect(options.options.lr == 0.1)
    #expect(try load("optimizer: sgd").optimizer.name == "sgd")
  }

  @Test func aChangedTypeDiscardsTheOldPayload() throws {
    let file = "optimizer: {type: adamw, lr: 1e-2, weight_decay: 0.3}"
    let changed = try load(file, "optimizer.type=sgd").optimizer
    #expect(changed.name == "sgd")
    #expect(changed.options.lr == 0.1)
    #expect(try load(file, "optimizer.lr=7", "optimizer.type=sgd").optimizer.options.lr == 7)
    #expect(try load(file, "optimizer.type=sgd", "optimizer.momentum=.3").optimizer.options.lr == 0.1)
    #expect(try load("optimizer: {weight_decay: 0.3}", "optimizer.type=sgd").optimizer.name == "sgd")
    #expect(try load("optimizer: adamw", "optimizer.type=sgd").optimizer.name == "sgd")
    // The same type again changes nothing.
    let same = try load(file, "optimizer.type=adamw").optimizer.options as? AdamWOptions
    #expect(same?.weightDecay == 0.3)
    #expect(same?.lr == 1e-2)
    #expect(try load("optimizer: {lr: 5}", "optimizer.type=adamw").optimizer.options.lr == 5)
  }

  @Test func keysOfAnotherTypeAreUnknown() {
    #expect(
      issues("optimizer: {type: sgd, weight_decay: 1}") == [
        "line 1: optimizer.weight_decay: unknown key, expected one of lr, momentum, nesterov, type"
      ])
  }

  @Test func unknownTypes() {
    #expect(
      issues("optimizer: {type: adam}") == [
        "line 1: optimizer.type: found 'adam', expected one of the types sgd, adamw; did you mean 'adamw'?"
      ])
    #expect(
      issues("optimizer: sdg") == [
        "line 1: optimizer.type: found 'sdg', expected one of the types sgd, adamw; did you mean 'sgd'?"
      ])
    #expect(issues("optimizer: [sgd]").count == 1)
    #expect(issues("optimizer: {type: [sgd]}").count == 1)
    #expect(issues("optimizer: null").count == 1)
    #expect(issues("optimizer: {type: null}").count == 1)
  }

  @Test func listsOfTaggedValues() throws {
    let options = try load("data:\n  transforms:\n  - horizontal_flip\n  - {type: random_resized_crop, size: 32}\n")
    #expect(options.data.transforms.map(\.name) == ["horizontal_flip", "random_resized_crop"])
    #expect((options.data.transforms[1].options as? CropOptions)?.size == 32)
    #expect(try load("data: {transforms: []}").data.transforms.isEmpty)
  }

  @Test func otherDecodersReadItToo() throws {
    let tagged = Tagged<OptimizerFamily>(SGDOptions(lr: 3))
    let data = try JSONEncoder().encode(tagged)
    #expect(try JSONDecoder().decode(Tagged<OptimizerFamily>.self, from: data) == tagged)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Tagged<OptimizerFamily>.self, from: Data(#"{"type": "lion"}"#.utf8))
    }
  }

  @Test func aTypeOutsideTheTableTraps() async {
    await #expect(processExitsWith: .failure) { _ = Tagged<OptimizerFamily>(Stranger()) }
  }

  struct Stranger: SampleOptimizer { var lr = 1.0 }
}
