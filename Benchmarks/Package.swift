// swift-tools-version: 6.2
import PackageDescription

// Micro-benchmarks, apart from the package so that its users fetch nothing for them. Run them from this folder:
//
//   swift package benchmark
//
// Comparisons with other systems are scripts/bench of the package.
let package = Package(
  name: "vitrail-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "vitrail", path: ".."),
    .package(url: "https://github.com/ordo-one/package-benchmark", from: "1.29.0", traits: []),
  ],
  targets: ["Engine", "Images", "Operations"].map { name in
    .executableTarget(
      name: name,
      dependencies: [
        .product(name: "Vitrail", package: "vitrail"),
        .product(name: "Benchmark", package: "package-benchmark"),
      ],
      path: "Benchmarks/\(name)",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "package-benchmark")])
  },
  swiftLanguageModes: [.v6]
)
