// swift-tools-version: 6.2
import PackageDescription

// Programs that use KESS as a library, as another package would.
let package = Package(
  name: "Examples",
  dependencies: [.package(name: "kess", path: "..")],
  targets: [
    .executableTarget(
      name: "CurveToFrames", dependencies: [.product(name: "KESS", package: "kess")]),
    .executableTarget(
      name: "KeyFrames", dependencies: [.product(name: "KESSVideo", package: "kess")]),
    .executableTarget(
      name: "CustomScorer", dependencies: [.product(name: "KESSVideo", package: "kess")]),
    .executableTarget(
      name: "TrainInMemory", dependencies: [.product(name: "KESSTraining", package: "kess")]),
  ],
  swiftLanguageModes: [.v6]
)
