// The umbrella: `import Vitrail` brings the public API of every part.
@_exported public import Augment
@_exported public import Checkpoint
@_exported public import Dataset
@_exported public import NN
@_exported public import Optim
@_exported public import Parallelism
@_exported public import Preprocessing
@_exported public import Recipes
@_exported public import SampleData
@_exported public import Settings
@_exported public import Telemetry
@_exported public import Torch
@_exported public import Training
@_exported public import VisionModels
