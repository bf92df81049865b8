import Settings
import Torch
import VisionModels

extension SamplePreview {
  /// Loads the first samples of an epoch as a run with these settings would. Nothing is written, and of the model there
  /// is only what the settings' rules need. Throws what `RunBuilder.plan` throws, and a loader.
  /// - Parameter note: takes what the user should know of the set.
  public init(_ settings: RunOptions, options: Options = Options(), note: @escaping (String) -> Void = { _ in }) throws
  {
    try settings.validated(as: "settings")
    var settings = settings
    // None of these changes a pixel; they spare the time and the memory of a model that is not asked.
    settings.model.weights = nil
    settings.model.depth = 1
    settings.device = "cpu"
    settings.matmulBackend = .native
    settings.precision = .float32
    settings.training.lossScale = nil
    settings.data.prefetch = 1
    var builder = RunBuilder(settings)
    builder.note = note
    try self.init(of: builder.plan(), options: options)
  }
}
