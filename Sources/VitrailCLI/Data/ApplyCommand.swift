import ArgumentParser
import Augment
import Dataset
import KeyedRandom
import Settings
import Telemetry

/// `vitrail data apply`
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a transform to one image.",
    discussion: """
      vitrail data apply "Rotate(degrees=17)" photo.jpg turned.png
      vitrail data apply Equalize photo.jpg out.jpg --then "Posterize(bits=3)"

      A transform is written as in a recipe: a name, and in parentheses its settings. The image is turned upright \
      first, as its EXIF orientation asks. The end of OUT's name (.png, .jpg) is its format.

      Transforms: \(TransformRegistry.table.map(\.key).joined(separator: ", "))
      """)

  @Argument(help: "The transform.")
  var transform: String

  @Argument(help: ArgumentHelp("The image: JPEG, PNG or WebP.", valueName: "in"), completion: .file())
  var input: String

  @Argument(help: ArgumentHelp("The file to write; it may exist.", valueName: "out"), completion: .file())
  var output: String

  @Option(help: ArgumentHelp("A further transform; may be given several times.", valueName: "transform"))
  var then: [String] = []

  @Option(help: "Seed of random transforms.")
  var seed: UInt64 = 0

  @Option(help: "The quality of a JPEG, 1 to 100.")
  var quality = 95

  func validate() throws {
    if !(1...100).contains(quality) { throw ValidationError("--quality takes 1 to 100") }
  }

  func run() throws {
    let transforms = try ([transform] + then).map { try TransformSettings(shortForm: $0).options.makeTransform() }
    guard ImageFile.writableFormat(of: BytePath(output)) != nil else {
      throw UsageError("'\(printable(output))' ends in neither .png nor .jpg, so there is no format to write it in")
    }
    var image = try ImageFile.read(BytePath(input))
    for (index, transform) in transforms.enumerated() {
      // As in training, where the first of the sample's random numbers belong to the crop.
      var random = KeyedRandom(seed: seed).child(index + 1)
      image = transform.apply(image, random: &random)
    }
    try ImageFile.write(image, to: BytePath(output), quality: quality)
  }
}
