import ArgumentParser
import Dataset
import Recipes
import Telemetry

/// `vitrail data pack`
struct PackCommand: ParsableCommand {
  enum Orientation: String, ExpressibleByArgument, CaseIterable { case apply, keep }
  enum ErrorPolicy: String, ExpressibleByArgument, CaseIterable { case skip, stop }

  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Pack a folder of images into TFRecord shards in ImageNet's layout.",
    discussion: """
      vitrail data pack data/photos --out data/photos-shards
      vitrail train --data data/photos-shards

      DIR/train/CLASS, DIR/validation/CLASS and DIR/test/CLASS, or DIR/CLASS, become train/train-00000-of-..., \
      validation/..., test/..., idx_files/ and manifest.json, with the feature names of TensorFlow's ImageNet scripts. \
      JPEGs are copied byte for byte; PNG, WebP and CMYK become RGB JPEGs. The same images and options give the same \
      bytes. The same command resumes an interrupted one.
      """)

  @Argument(help: ArgumentHelp("The folder with the images.", valueName: "dir"), completion: .directory)
  var folder: String

  @OptionGroup var shardOptions: ShardWritingOptions

  @Flag(help: "Write the features image/encoded and image/class/label only.")
  var minimal = false

  @Option(help: "Photos with an EXIF orientation: apply rotates and re-encodes them, keep copies them.")
  var exif = Orientation.apply

  @Option(help: "JPEG quality of re-encoded images, 1 to 100.")
  var quality = 100

  @Option(help: ArgumentHelp("Split a folder that has no validation split, such as 4:1.", valueName: "n:m"))
  var split: String?

  @Option(help: "If an image cannot be used: skip it (it is listed) or stop.")
  var onError = ErrorPolicy.skip

  @Option(help: ArgumentHelp("The largest share of such images, above which the command fails.", valueName: "share"))
  var maximumBadFraction = 0.01

  func validate() throws {
    if !(1...100).contains(quality) { throw ValidationError("--quality takes 1 to 100") }
    if !(0...1).contains(maximumBadFraction) { throw ValidationError("--maximum-bad-fraction takes 0 to 1") }
  }

  func run() throws {
    var options = try shardOptions.options()
    options.isMinimal = minimal
    options.orientation = exif == .apply ? .apply : .keep
    options.quality = quality
    options.split = try split.map { try SplitRatio(parsing: $0) }
    options.onError = onError == .skip ? .skip : .stop
    options.maxBadFraction = maximumBadFraction
    try shardOptions.report("packing") { progress in
      try ShardPacking.pack(
        ArgumentPath.path(folder), to: ArgumentPath.path(shardOptions.out), options: options,
        progress: progress)
    }
  }
}
