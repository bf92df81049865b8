// swift-tools-version: 6.2
import PackageDescription

// A program that uses Vitrail from outside. In a package of your own, write the path of your clone, or
// .package(url: "...", branch: "main"): SwiftPM refuses versions for packages with linker flags of their own.
let package = Package(
  name: "classify",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "vitrail", path: "../..")],
  targets: [
    .executableTarget(name: "classify", dependencies: [.product(name: "Vitrail", package: "vitrail")])
  ],
  swiftLanguageModes: [.v6]
)
