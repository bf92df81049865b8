// swift-tools-version: 6.2
import Foundation
import PackageDescription

// libtorch is found once: LIBTORCH (a folder with include/ and lib/), else .libtorch/ beside this file,
// which scripts/setup.sh fills. The same sources build against CPU and CUDA builds of libtorch.
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.libtorch"
// `scripts/setup.sh --cuda` leaves the mark; the Makefile sets the variable from it, because SwiftPM caches what a
// manifest says and notices a changed variable but no new file.
let libtorchHasCUDA =
  Context.environment["VITRAIL_CUDA"] == "1"
  || FileManager.default.fileExists(atPath: "\(libtorch)/cuda-enabled")
let strict = Context.environment["VITRAIL_STRICT"] == "1"
/// Leaves out every target that needs libtorch; see the end of this file.
let isDataOnly = Context.environment["VITRAIL_DATA_ONLY"] == "1"

let strictC: [String] = strict ? ["-Wall", "-Wextra", "-Werror"] : []

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The linker flags of libtorch. A CUDA build registers its operators when `libtorch_cuda.so` is loaded, and nothing
/// refers to a symbol of it, so the linker must be told to keep it.
let torchLinkerSettings: [LinkerSetting] =
  [
    .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
    .linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("m"),
  ]
  + (libtorchHasCUDA
    ? [.unsafeFlags(["-Xlinker", "--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-Xlinker", "--as-needed"])] : [])

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
  linkerSettings: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings,
    linkerSettings: linkerSettings)
}

func tests(_ target: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(target)Tests", dependencies: [.target(name: target), "TestSupport"] + dependencies,
    swiftSettings: swiftSettings)
}

/// Tests that need no libtorch, and so no TestSupport either.
func dataTests(_ target: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(target)Tests", dependencies: [.target(name: target)] + dependencies, swiftSettings: swiftSettings)
}

func codecShim(_ name: String, links libraries: [String]) -> Target {
  .target(
    name: name, cSettings: [.unsafeFlags(strictC)], linkerSettings: libraries.map { .linkedLibrary($0) })
}

let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "vitrail",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Vitrail", targets: ["Vitrail"]),
    .executable(name: "vitrail", targets: ["VitrailCLI"]),
  ],
  // Up to the minor versions that were tested; scripts/resolved.sh shows and checks what is built with.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/apple/swift-system", .upToNextMinor(from: "1.8.1")),
    .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
    .package(url: "https://github.com/apple/swift-protobuf", .upToNextMinor(from: "1.39.0")),
    .package(url: "https://github.com/jpsim/Yams", .upToNextMinor(from: "6.2.2")),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", .upToNextMinor(from: "1.5.0")),
    // For `vitrail data download`; the library does not link with them.
    .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
    .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
    .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
  ],
  targets: [
    // Leaves
    .target(
      name: "CTorch",
      cxxSettings: [
        .unsafeFlags(
          [
            "-isystem", "\(libtorch)/include",
            "-isystem", "\(libtorch)/include/torch/csrc/api/include",
          ] + strictC)
      ],
      linkerSettings: torchLinkerSettings),
    codecShim("CJPEG", links: ["jpeg"]),
    codecShim("CSPNG", links: ["spng"]),
    codecShim("CWebP", links: ["webp"]),
    codecShim("CISAL", links: ["isal"]),
    codecShim("CZlib", links: ["z"]),
    codecShim("CResample", links: []),
    codecShim("CPixels", links: []),
    codecShim("CSampleData", links: []),
    library("KeyedRandom"),
    library("Files", [system]),
    library("Settings", ["Yams"]),
    library("Preprocessing"),

    // Compute half
    library("Torch", ["CTorch"]),
    library("NN", ["Torch", "Settings", "KeyedRandom"]),
    library("Optim", ["NN", "Torch", "Settings"]),
    library("Parallelism", ["Optim", "Torch", "Settings"]),
    library("VisionModels", ["NN", "Torch", "Settings", "Preprocessing", "KeyedRandom"]),
    library("Checkpoint", ["Torch", "Files", "Settings", "Preprocessing", "CISAL", system]),

    // Data half
    library("Augment", ["KeyedRandom", "Settings", "Preprocessing", "CResample", "CPixels"]),
    library("TFRecord", ["Files", "CISAL"]),
    library(
      "Dataset",
      [
        "Augment", "Files", "Preprocessing", "KeyedRandom", "CJPEG", "CSPNG", "CWebP", "Settings", "TFRecord",
      ]),
    library("SampleData", ["Dataset", "Files", "Augment", "KeyedRandom", "CSampleData"]),
    library(
      "Telemetry",
      ["TFRecord", "Files", "Settings", system, .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Generated/EventFile.proto"]),

    // Of the command-line tool alone: processes and the network
    library(
      "Launch",
      ["Files", "Telemetry", system, .product(name: "ArgumentParser", package: "swift-argument-parser")]
        + nio.prefix(2)),
    // The launcher alone, for its tests
    .executableTarget(
      name: "LaunchProbe",
      dependencies: ["Launch", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swiftSettings),
    library(
      "Download",
      [
        "Dataset", "Files", "CZlib", system, .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ] + nio),

    // Joins
    library(
      "Training",
      [
        "Optim", "Parallelism", "NN", "Torch", "VisionModels", "Checkpoint", "Dataset", "Augment", "Telemetry",
        "Settings", "Preprocessing", "KeyedRandom", log,
      ]),
    library(
      "Recipes",
      [
        "Training", "Optim", "Parallelism", "NN", "Torch", "VisionModels", "Checkpoint", "Dataset", "Augment",
        "Telemetry", "Settings", "Preprocessing", "KeyedRandom", log,
      ]),
    library(
      "Vitrail",
      [
        "Recipes", "Training", "Optim", "Parallelism", "NN", "Torch", "VisionModels", "Checkpoint", "Dataset",
        "SampleData", "Augment", "Telemetry", "Settings", "Preprocessing",
      ]),
    .executableTarget(
      name: "VitrailCLI",
      dependencies: [
        "Recipes", "Training", "Optim", "Parallelism", "NN", "Torch", "VisionModels", "Checkpoint", "Dataset",
        "Augment", "Telemetry", "Settings", "Preprocessing", "KeyedRandom", "SampleData", "Download", "Launch", log,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["Torch", "NN", "Checkpoint", "Dataset", "Augment"],
      path: "Sources/TestSupport",
      swiftSettings: swiftSettings),
    library("DataTestSupport", ["Files"]),
    tests("Torch", ["KeyedRandom"]),
    tests("NN", ["Torch", "KeyedRandom"]),
    tests("Optim", ["Torch", "NN", "Settings"]),
    tests("Parallelism", ["Torch", "NN", "Optim"]),
    tests("VisionModels", ["Torch", "NN", "KeyedRandom", "Optim", "Checkpoint", "Settings", "Preprocessing"]),
    tests("Checkpoint", ["Torch"]),
    dataTests("KeyedRandom"),
    dataTests("Settings"),
    dataTests("Preprocessing"),
    dataTests("Augment", ["CPixels", "CResample", "KeyedRandom", "Preprocessing", "Settings"]),
    dataTests("TFRecord"),
    dataTests("Files", ["DataTestSupport", system]),
    dataTests("Dataset", ["Augment", "DataTestSupport", "Files", "KeyedRandom", "Preprocessing", "TFRecord"]),
    dataTests("SampleData", ["Augment", "DataTestSupport", "Dataset", "Files"]),
    dataTests("Telemetry", ["TFRecord"]),
    dataTests("Launch", ["DataTestSupport", "Files", "LaunchProbe"]),
    dataTests(
      "Download",
      ["Dataset", "Augment", "Files", .product(name: "AsyncHTTPClient", package: "async-http-client")] + nio),
    tests(
      "Training",
      [
        "Torch", "Checkpoint", "KeyedRandom", "NN", "Optim", "Parallelism", "VisionModels", "Dataset", "Augment",
        "Preprocessing", "Telemetry",
      ]),
    tests(
      "Recipes",
      [
        "Training", "Optim", "Parallelism", "NN", "Torch", "VisionModels", "Checkpoint", "Dataset", "Telemetry",
        "Settings", "Preprocessing", "Augment",
      ]),
    tests(
      "VitrailCLI",
      [
        "Augment", "Checkpoint", "Dataset", "Download", "NN", "Preprocessing", "Recipes", "SampleData", "Settings",
        "Torch", "Training", "VisionModels",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx20
)

if isDataOnly {
  // What reaches CTorch by any way goes. The packages stay, so that Package.resolved is the same with and without.
  var gone: Set = ["CTorch"]
  func reaches(_ target: Target) -> Bool {
    target.dependencies.contains { dependency in
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): gone.contains(name)
      default: false
      }
    }
  }
  while let target = package.targets.first(where: { !gone.contains($0.name) && reaches($0) }) {
    gone.insert(target.name)
  }
  package.targets.removeAll { gone.contains($0.name) }
  package.products.removeAll()
}
