import ArgumentParser
import Augment
import Dataset
import Recipes
import Settings
import Telemetry

/// `vitrail data preview`
struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Draw samples as the model sees them, with their labels.",
    discussion: """
      vitrail data preview --config my.yaml --out grid.png
      vitrail data preview --data photos --out grid.png --epoch 5 --count 36
      vitrail data preview --config my.yaml --out eval.png --eval

      Takes the first images of an epoch from the very loader of the run, crops and augmentations included, and makes \
      pictures of the numbers again. Where images are mixed, both labels are shown with their weights. The same \
      settings give the same picture, whatever the number of workers.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Option(
    help: ArgumentHelp("The folder with the images; sets data.path.", valueName: "dir"), completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp("The picture to write, .png or .jpg; it is replaced where it exists.", valueName: "file"),
    completion: .file())
  var out: String

  @Option(help: "The epoch, counted from 1.")
  var epoch = 1

  @Option(help: "Images to draw.")
  var count = 16

  @Option(help: "Images in a row; about as many as rows if left out.")
  var columns: Int?

  @Option(help: "Width of a pixel; if left out, such that an image is 160 pixels wide or more.")
  var scale: Int?

  @Flag(help: "Draw images of the validation split, as evaluation sees them.")
  var eval = false

  @Flag(help: "Print only results and errors.")
  var quiet = false

  func validate() throws {
    if !ImageFile.canWrite(to: BytePath(out)) { throw ValidationError("--out takes a name that ends in .png or .jpg") }
    if !(1...1_000_000).contains(epoch) { throw ValidationError("--epoch takes 1 to 1000000") }
    if !(1...4096).contains(count) { throw ValidationError("--count takes 1 to 4096") }
    if let columns, !(1...4096).contains(columns) { throw ValidationError("--columns takes 1 to 4096") }
    if let scale, !(1...64).contains(scale) { throw ValidationError("--scale takes 1 to 64") }
  }

  func run() throws {
    guard recipe.config != nil || data != nil else { throw UsageError("preview needs --config FILE or --data DIR") }
    var options = SamplePreview.Options()
    options.count = count
    options.epoch = epoch
    options.evaluation = eval
    let preview = try SamplePreview(
      recipe.load(data.map { [RecipeOptions.flag("data.path", $0)] } ?? []), options: options,
      note: { if !quiet { ConsoleOutput.standardError.line(printable($0)) } })
    guard let first = preview.cells.first else { throw CommandFailure("no image can be read") }
    let grid = ImageGrid(
      preview.cells, columns: columns ?? Int(Double(preview.cells.count).squareRoot().rounded(.up)),
      scale: scale ?? max(1, (159 + first.image.width) / first.image.width))
    guard grid.width * grid.height <= 100_000_000, max(grid.width, grid.height) <= 65_500 else {
      throw UsageError("the picture would be \(grid.width)x\(grid.height): take a smaller --count or --scale")
    }
    try ImageFile.write(grid.drawn(), to: BytePath(out))
    var table = TextTable(["", "label", "file"], alignment: [.right, .left, .left])
    for (index, cell) in preview.cells.enumerated() {
      table.append(["\(index + 1)", cell.caption, preview.paths[index]])
    }
    try StandardOutput.write(table.text)
    if !quiet { ConsoleOutput.standardError.line("drew \(preview.cells.count) images into \(printable(out))") }
  }
}
