import ArgumentParser
import Recipes
import Telemetry
import Torch

/// What every command that computes can be told.
struct RuntimeOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:N or auto (a GPU where there is one).")
  var device = "auto"

  @Option(help: "CPU threads per operator; by default one per available processor.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Library of float32 products: native or onednn; by default that of the checkpoint, else the faster one here.",
      valueName: "name"))
  var products: String?

  @Flag(name: .long, help: "Print only results and errors.")
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

  /// Takes the product library that was asked for, else `preferred`, else the faster one.
  func useProducts(preferring preferred: ProductBackend? = nil, on device: Device) {
    let wanted = products.flatMap(ProductBackend.init) ?? preferred.flatMap { $0.isAvailable ? $0 : nil }
    ProductBackend.current = wanted ?? (device == .cpu ? .measureFastest() : .native)
  }

  /// Writes a line for the user, unless it should be quiet.
  func note(_ line: String) {
    if !quiet { ConsoleOutput.standardError.line(line) }
  }
}
