import ArgumentParser
import Recipes
import Telemetry
import Torch

/// What every command that computes can be told.
struct RuntimeOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:N or auto (a GPU where there is one).")
  var device = "auto"

  @Option(help: "Threads of one operator; by default the processors that affinity and the control group allow.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Library of float32 products: native or onednn; by default that of the checkpoint, else the faster one here.",
      valueName: "name"))
  var products: String?

  @Flag(name: .long, help: "Say only what went wrong, and the results.")
  var quiet = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads takes 1 to 4096") }
    if let products, ProductBackend(rawValue: products)?.isAvailable != true {
      let names = ProductBackend.allCases.filter(\.isAvailable).map(\.rawValue)
      throw ValidationError("--products takes \(names.joined(separator: " or "))")
    }
  }

  /// Applies the threads, and finds the device.
  func configure() throws -> Device {
    let device = try Device.parse(device)
    Runtime.numThreads = threads ?? AvailableProcessors.count
    return device
  }

  /// The product library that was asked for.
  var askedProducts: ProductBackend? { products.flatMap(ProductBackend.init) }

  /// Takes the product library that was asked for, else that of the training, else the one for this processor.
  func useProducts(trainedWith trained: ProductBackend? = nil, on device: Device) {
    ProductBackend.current = .chosen(askedProducts, trainedWith: trained, on: device)
  }

  /// Writes a line for the user, unless it should be quiet.
  func note(_ line: String) {
    if !quiet { ConsoleOutput.standardError.line(line) }
  }
}
