import Augment
import Dataset
import NN
import Preprocessing
import TestSupport
import Testing
import Torch

@testable import Training

/// The way of a batch from the loader to what a step takes.
@Suite struct DeviceTransferTests {
  private static func preprocessing(_ change: (inout ImagePreprocessing) -> Void = { _ in }) -> ImagePreprocessing {
    var preprocessing = ImagePreprocessing(size: 16, statistics: .imageNet)
    change(&preprocessing)
    return preprocessing
  }

  private func batches(_ pipeline: any SamplePipeline, mixing: BatchMixing? = nil) throws -> [DeviceBatch] {
    let fixture = try StepFixture(numTrain: 11)
    var options = DataLoader.Options()
    (options.batchSize, options.numWorkers) = (4, 2)
    let loader = try DataLoader(
      source: fixture.set.folder("train"), pipeline: pipeline, sampler: SequentialSampler(), options: options)
    let epoch = try loader.makeEpoch(2)
    var batches: [DeviceBatch] = []
    while let batch = try epoch.onHost(mixing: mixing) { batches.append(batch) }
    return batches
  }

  private func bits(_ batches: [DeviceBatch]) -> [[UInt32]] {
    batches.map { $0.images.array(Float.self).map(\.bitPattern) }
  }

  /// Normalised by the loader, or by the device: every bit is the same.
  @Test func bytesBecomeTheLoadersNumbers() throws {
    for training in [false, true] {
      func pipeline(_ preprocessing: ImagePreprocessing = Self.preprocessing(), asBytes: Bool) -> any SamplePipeline {
        training
          ? TrainTransform(preprocessing, asBytes: asBytes) : EvalTransform(preprocessing, asBytes: asBytes)
      }
      let expected = try batches(pipeline(asBytes: false))
      let found = try batches(pipeline(asBytes: true))
      #expect(found.map(\.images.shape) == [[4, 3, 16, 16], [4, 3, 16, 16], [3, 3, 16, 16]])
      #expect(found.allSatisfy { $0.images.dtype == .float32 && $0.mixing == nil })
      #expect(bits(found) == bits(expected) && found.map(\.paths) == expected.map(\.paths))
      #expect(found.map { $0.labels.array(Int64.self) } == expected.map { $0.labels.array(Int64.self) })
      // Planted faults: another mean, another deviation, of one channel.
      #expect(try bits(batches(pipeline(Self.preprocessing { $0.mean[1] += 1e-6 }, asBytes: true))) != bits(expected))
      #expect(try bits(batches(pipeline(Self.preprocessing { $0.std[2] += 1e-6 }, asBytes: true))) != bits(expected))
    }
  }

  /// All 256 samples of each channel, with statistics that are hard on the last bit.
  @Test func everySampleHasTheNumberOfTheTable() {
    let image = ImageBuffer(width: 16, height: 16, pixels: (0..<768).map { UInt8($0 / 3) })
    let planes = Tensor((0..<768).map { UInt8($0 % 256) }, shape: [1, 3, 16, 16])
    func numbers(_ normalize: Normalize) -> [UInt32] {
      var numbers = [Float](repeating: .nan, count: 768)
      normalize.write(image, into: &numbers)
      return numbers.map(\.bitPattern)
    }
    for statistics in [([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), ([1.0 / 3, 0.1, 0.9], [1.0 / 7, 3, 1e-3])] {
      let normalize = Normalize(mean: statistics.0, std: statistics.1)
      let onDevice = normalize.numbers(of: planes).array(Float.self).map(\.bitPattern)
      #expect(onDevice == numbers(normalize))
      // Planted fault: a product with the reciprocal of the deviation rounds once more.
      let product = (0..<768).map { (place: Int) -> UInt32 in
        let centred = Float(place % 256) / 255 - normalize.mean[place / 256]
        return (centred * (1 / normalize.std[place / 256])).bitPattern
      }
      #expect(product != onDevice)
    }
  }

  /// The plan that comes with a batch is that of its epoch and its place, and it mixes bytes as it mixes numbers.
  @Test func plansComeWithTheBatch() throws {
    var options = BatchMixing.Options()
    (options.mixupAlpha, options.cutmixAlpha, options.mode) = (0.8, 1, .elem)
    let mixing = BatchMixing(options, seed: 5)
    let plain = try batches(EvalTransform(Self.preprocessing()))
    let numbers = try batches(EvalTransform(Self.preprocessing()), mixing: mixing)
    let bytes = try batches(EvalTransform(Self.preprocessing(), asBytes: true), mixing: mixing)
    for (index, batch) in numbers.enumerated() {
      let plan = mixing.plan(epoch: 2, batch: index, count: batch.count, height: 16, width: 16)
      #expect(plan != nil && batch.mixing?.plan == plan && bytes[index].mixing?.plan == plan)
      #expect(plan != mixing.plan(epoch: 1, batch: index, count: batch.count, height: 16, width: 16))
      #expect(batch.images.isEqual(to: plain[index].images), "nothing is mixed before it is asked for")
      let (images, target) = batch.mixed()
      #expect(images.isEqual(to: bytes[index].mixed().images) && !images.isEqual(to: plain[index].images))
      #expect(target.mix?.weights.array(Float.self) == plan?.weights.map { Float($0) })
      #expect(plain[index].mixed().target.mix == nil)
    }
  }

  @Test func pinnedMemoryNeedsAGPU() throws {
    for device in [Device.cpu, Device(.cuda, index: 4096), Device(.cuda, index: Device.count(of: .cuda))] {
      #expect {
        _ = try PinnedAllocator(for: device)
      } throws: { error in
        guard case TorchError.noSuchDevice(let message) = error else { return false }
        return message.contains("\(device)") && !message.contains("\n")
      }
    }
  }

  /// Where there is a GPU: pinned memory goes out and comes back while copies from it are under way, and what arrives is
  /// what was written.
  @Test(.enabled(if: Device.count(of: .cuda) > 0)) func pinnedMemoryIsHeldUntilItIsCopied() throws {
    let allocator = try PinnedAllocator(for: .cuda)
    var arrived: [Tensor] = []
    for round in 0..<50 {
      let (pointer, deallocate) = try allocator.allocate(byteCount: 1 << 22).take()
      #expect(Int(bitPattern: pointer) % 64 == 0)
      pointer.initializeMemory(as: UInt8.self, repeating: UInt8(round), count: 1 << 22)
      nonisolated(unsafe) let memory = pointer
      let host = Tensor.borrowing(memory, shape: [1 << 22], dtype: .uint8) { deallocate(memory) }
      arrived.append(host.to(.cuda, nonBlocking: true))
    }
    for (round, tensor) in arrived.enumerated() { #expect(tensor.isEqual(to: tensor.fullLike(Double(round)))) }
  }
}
