public import KeyedRandom
public import Settings

/// The RandAugment of Colossal-AI's Titans (`titans.dataloader.utils.rand_augment`), defects included; docs/compat.md
/// tells them. Half of all batches stay as they are; to the others the same operations are applied with the same
/// arguments, image by image. ``RandAugment`` is what a new recipe wants.
public struct WholeBatchRandAugment: BatchTransform, TransformOptions {
  /// Operations of a batch, all different.
  public var numOps = 2
  /// The strength, from 0 to 10.
  public var magnitude = 10.0

  /// The defaults, those of the published runs.
  public init() {}

  /// Reports more operations than there are, and a magnitude that is none.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("num_ops", numOps, in: 0...TitansOperation.allCases.count)
    issues.check("magnitude", magnitude, in: 0...10)
  }

  /// What is done to every image of a batch.
  public struct Draw: Transform, Equatable {
    /// An operation with its argument, and a place for those that need one.
    public struct Step: Sendable, Equatable {
      /// The operation.
      public var operation: TitansOperation
      /// Its argument, in the operation's own unit.
      public var argument: Double
      /// Where a cutout has its centre, as shares of the rows and columns that it may have.
      public var place: (x: Double, y: Double)

      /// A step from its parts.
      public init(_ operation: TitansOperation, _ argument: Double, place: (x: Double, y: Double) = (0.5, 0.5)) {
        self.operation = operation
        self.argument = argument
        self.place = place
      }

      /// Whether both do the same.
      public static func == (a: Step, b: Step) -> Bool {
        a.operation == b.operation && a.argument == b.argument && a.place == b.place
      }
    }

    /// The steps in their order; none in half of all batches.
    public var steps: [Step]

    /// These steps.
    public init(steps: [Step]) { self.steps = steps }

    /// The image after all steps; nothing is random.
    public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
      steps.reduce(image) { $1.operation.apply($1.argument, place: $1.place, to: $0) }
    }
  }

  /// Draws for a batch.
  public func draw(random: inout KeyedRandom) -> Draw {
    if random.bool(probability: 0.5) { return Draw(steps: []) }
    let chosen = random.shuffled(TitansOperation.allCases.count).prefix(numOps)
    return Draw(
      steps: chosen.map { index in
        let operation = TitansOperation.allCases[index]
        let argument = operation.argument(magnitude: magnitude)
        let isNegated = operation.isSigned && random.bool(probability: 0.5)
        return Draw.Step(
          operation, isNegated ? -argument : argument, place: (random.uniform(), random.uniform()))
      })
  }

  /// The steps of one batch as a transform.
  public func forBatch(random: inout KeyedRandom) -> any Transform { draw(random: &random) }

  /// Used alone, an image is a batch of its own.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    draw(random: &random).apply(image, random: &random)
  }
}
