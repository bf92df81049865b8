import Augment
import Dataset
import Telemetry
import VisionModels

extension Benchmark {
  /// All images over all seconds, in whole epochs where the time allows. The first epochs fill the system's cache and are
  /// not counted; they end early when they take as long as the measurement itself.
  func measureLoader(_ progress: (Int) -> Void) throws -> Measured {
    let loader = try makeLoader()
    var epoch = 0
    let warmupEnd = monotonicSeconds() + options.seconds
    while epoch < numWarmupSteps, epoch == 0 || monotonicSeconds() < warmupEnd {
      _ = try drain(loader, epoch: epoch, until: warmupEnd) { _ in }
      epoch += 1
    }
    var (numImages, numBatches) = (0, 0)
    let start = monotonicSeconds()
    let end = start + options.seconds
    repeat {
      numBatches += try drain(loader, epoch: epoch, until: end) { count in
        numImages += count
        progress(count)
      }
      epoch += 1
    } while monotonicSeconds() < end && numImages > 0
    let seconds = max(monotonicSeconds() - start, 1e-9)
    return Measured(
      numSteps: numBatches, secondsPerStep: seconds / Double(max(1, numBatches)),
      imagesPerSecond: Double(numImages) / seconds)
  }

  /// Takes the batches of an epoch until the time is over, at least one.
  private func drain(
    _ loader: DataLoader, epoch: Int, until end: Double, _ receive: (Int) -> Void
  ) throws -> Int {
    let batches = try loader.makeEpoch(epoch)
    defer { batches.cancel() }
    var numBatches = 0
    while let batch = try batches.next() {
      numBatches += 1
      receive(batch.count)
      if monotonicSeconds() >= end { break }
    }
    return numBatches
  }

  private func makeLoader() throws -> DataLoader {
    guard let data = options.data else { preconditionFailure("the loader's benchmark needs a folder") }
    var settings = DataOptions()
    settings.batchSize = options.batchSize
    settings.workers = options.workers
    settings.augmentation.transforms = options.transforms
    return try DataLoader(
      source: source(at: BytePath(data)), pipeline: settings.augmentation.pipeline(preset.preprocessing),
      sampler: ShuffledSampler(seed: 0), options: settings.loaderOptions(seed: 0, training: true))
  }
  /// The training part of TFRecord shards or of a folder of images.
  private func source(at path: BytePath) throws -> any SampleSource {
    guard try ShardSet.isThere(path) else { return try ImageFolder(root: ImageFolderLayout.find(path).requireTrain()) }
    let set = try ShardSet(path, numThreads: AvailableProcessors.count)
    guard let found = set.train ?? set.validation ?? set.test else { throw ShardError.noShards(path.description) }
    return found
  }
}
