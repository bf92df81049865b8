import Augment
import Dataset
import Foundation
import NN
import Preprocessing
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

@Suite struct SamplePreviewTests {
  private func preview(
    _ fixture: RunFixture, count: Int = 20, epoch: Int = 1, evaluation: Bool = false,
    _ change: (inout RunOptions) -> Void = { _ in }
  ) throws -> SamplePreview {
    var options = SamplePreview.Options()
    options.count = count
    options.epoch = epoch
    options.evaluation = evaluation
    return try SamplePreview(fixture.options("run", change), options: options)
  }

  /// More samples than a batch has, in the loader's order, each the loader's numbers made pixels again.
  @Test(arguments: [false, true]) func cellsAreTheLoadersPixels(_ evaluation: Bool) throws {
    let fixture = try RunFixture()
    let shown = try preview(fixture, epoch: evaluation ? 1 : 3, evaluation: evaluation) {
      $0.preprocessing.mean = [0.4, 0.5, 0.6]
    }
    let run = try RunBuilder(fixture.options("run") { $0.preprocessing.mean = [0.4, 0.5, 0.6] }).plan()
    let loader = try #require(evaluation ? run.parts.evaluator?.loader : run.parts.loader)
    let preprocessing = run.parts.description.preprocessing
    let epoch = try loader.makeEpoch(evaluation ? 0 : 2)
    var (index, worst) = (0, Float(0))
    while let batch = try epoch.next(), index < shown.cells.count {
      try batch.withImages { numbers in
        for sample in 0..<batch.count where index < shown.cells.count {
          let cell = shown.cells[index]
          #expect(shown.paths[index] == batch.paths[sample])
          #expect(cell.caption == "class\(batch.labels[sample])" && batch.paths[sample].hasPrefix(cell.caption + "/"))
          try #require(cell.image.width == batch.width && cell.image.height == batch.height)
          let plane = batch.width * batch.height
          for pixel in 0..<plane * 3 {
            let (channel, place) = (pixel % 3, pixel / 3)
            let level =
              (Float(cell.image.pixels[pixel]) / 255 - Float(preprocessing.mean[channel]))
              / Float(preprocessing.std[channel])
            worst = max(worst, abs(level - numbers[sample * plane * 3 + channel * plane + place]))
          }
          index += 1
        }
      }
    }
    #expect(index == (evaluation ? 14 : 20))
    #expect(shown.cells.count == index)
    // One level of 255 over a deviation of a half.
    #expect(worst <= 1 / 255 / 0.5 + 1e-6)
    #expect(Set(shown.cells.map { $0.image.pixels }).count == index)
  }

  @Test func theSameWhateverTheWorkersAndNotWhateverTheEpoch() throws {
    let fixture = try RunFixture()
    let one = try preview(fixture) { $0.data.workers = 0 }
    let four = try preview(fixture) {
      $0.data.workers = 4
      $0.model.depth = 3
      $0.data.prefetch = 7
      $0.data.pixels = .uint8
    }
    #expect(one.cells == four.cells && one.paths == four.paths)
    #expect(
      ImageGrid(one.cells, columns: 5, scale: 2).drawn().pixels
        == ImageGrid(four.cells, columns: 5, scale: 2).drawn().pixels)
    #expect(try preview(fixture, epoch: 2).cells != one.cells)
  }

  /// What is drawn is what a step gives to the model, and the weights are those of its targets.
  @Test(arguments: [BatchMixing.Mode.batch, .pair, .elem]) func mixedBatches(_ mode: BatchMixing.Mode) throws {
    let fixture = try RunFixture()
    func mix(_ options: inout RunOptions) {
      var mixing = BatchMixing.Options()
      (mixing.mixupAlpha, mixing.cutmixAlpha, mixing.mode) = (0.8, 1, mode)
      mixing.offEpoch = 2
      options.training.mixing = mixing
    }
    let shown = try preview(fixture, count: 44, mix)
    let run = try RunBuilder(fixture.options("run", mix)).plan()
    let mixing = try #require(run.parts.mixing)
    let epoch = try run.parts.loader.makeEpoch(0)
    var (index, worst, numMixed) = (0, Float(0), 0)
    while let batch = try epoch.next() {
      let classes = batch.labels.map { "class\($0)" }
      let (height, width) = (batch.height, batch.width)
      let (images, target) = try DeviceTransfer(to: .cpu, mixing: mixing)(batch).mixed()
      let numbers = images.array(Float.self)
      let weights = target.mix?.weights.array(Float.self) ?? []
      let partners = target.mix?.labels.array(Int64.self) ?? []
      for sample in classes.indices {
        let cell = shown.cells[index]
        if cell.caption != classes[sample] {
          let words = cell.caption.split(separator: " ")
          #expect(words[0] == classes[sample] && words[3] == "class\(partners[sample])")
          #expect(abs((Float(words[1]) ?? 9) - weights[sample]) <= 0.0051)
          #expect(abs((Float(words[4]) ?? 9) - (1 - weights[sample])) <= 0.0051)
          numMixed += 1
        }
        for pixel in 0..<height * width * 3 {
          let level = Float(cell.image.pixels[pixel]) / 255 * 2 - 1
          let number = numbers[(sample * 3 + pixel % 3) * height * width + pixel / 3]
          worst = max(worst, abs(level - number))
        }
        index += 1
      }
    }
    #expect(index == shown.cells.count && index == 44)
    #expect(worst <= 1 / 255 + 1e-6)
    #expect(numMixed > 30)
    #expect(try preview(fixture, epoch: 3, mix).cells.allSatisfy { !$0.caption.contains("+") })
    #expect(try preview(fixture, evaluation: true, mix).cells.allSatisfy { !$0.caption.contains("+") })
    #expect(
      try preview(
        fixture, count: 44,
        {
          mix(&$0)
          $0.data.workers = 0
        }
      ).cells == shown.cells)
  }

  @Test func captionsOfMixedSamples() {
    let plan = MixingPlan(
      partners: [1, 0, 2, 0], weights: [0.714, 0.996, 1, 1],
      boxes: [nil, nil, nil, CutMixBox(top: 0, bottom: 1, left: 0, right: 1)])
    #expect(
      SamplePreview.captions(["rose", "tulip", "daisy", "lily"], mixedBy: plan)
        == ["rose 0.71 + tulip 0.29", "tulip 1.00 + rose 0.00", "daisy", "lily 1.00 + rose 0.00"])
  }

  @Test func badImagesAreLeftOut() throws {
    let fixture = try RunFixture()
    let path = try fixture.set.breakPixels("train", at: 3)
    let shown = try preview(fixture, count: 100) { $0.data.maximumBadFraction = 1 }
    #expect(shown.cells.count == 43 && !shown.paths.contains(path))
  }

  @Test func pixelsComeBackAsTheyWere() {
    var levels: [UInt8] = []
    for level in 0..<256 { levels += [UInt8(level), UInt8(255 - level), UInt8(level * 7 & 255)] }
    let image = ImageBuffer(width: 16, height: 16, pixels: levels)
    for statistics in [ChannelStatistics.inception, .imageNet] {
      let preprocessing = ImagePreprocessing(size: 16, statistics: statistics)
      var numbers = [Float](repeating: 0, count: 768)
      Normalize(mean: preprocessing.mean, std: preprocessing.std).write(image, into: &numbers)
      let back = numbers.withUnsafeBufferPointer { InverseNormalize(preprocessing).image($0, width: 16, height: 16) }
      #expect(back.pixels == image.pixels)
    }
    let odd: [Float] = [.nan, .infinity, -.infinity]
    let back = odd.withUnsafeBufferPointer { InverseNormalize(ImagePreprocessing()).image($0, width: 1, height: 1) }
    #expect(back.pixels.count == 3 && back.pixels[1] == 255 && back.pixels[2] == 0)
  }
}
