// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The rooms, in the order in which data flows through them: a room may import
// only rooms above it. ARCHITECTURE.md says what each is for.
struct Room {
  var name: String
  var imports: [String] = []
  var products: [Target.Dependency] = []
  var isCommand = false
  var isInstalled = false
  var hasTests = true
  /// Folders and files beside the tests that are not compiled.
  var testData: [String] = []
}

func package(_ product: String, _ package: String) -> Target.Dependency {
  .product(name: product, package: package)
}
let argumentParser = package("ArgumentParser", "swift-argument-parser")

let rooms: [Room] = [
  Room(name: "Records", imports: ["CCrypto"]),
  Room(name: "HTTP", imports: ["Records", "CCurl"]),
  Room(name: "ModelHub", imports: ["Records", "HTTP"]),
  Room(
    name: "Tensors", imports: ["Records", "COpenBLAS", "COneDNN", "CKernels", "CZlib"],
    testData: ["Golden"]),
  Room(
    name: "NeuralNetworks", imports: ["Records", "Tensors", "CKernels"], testData: ["Golden"]),
  Room(
    name: "Video", imports: ["Records", "CFFmpeg", "CJPEG"], testData: ["Golden", "Fixtures"]),
  Room(name: "Datasets", imports: ["Records", "Video"], products: [package("Yams", "Yams")]),
  Room(name: "DatasetChecks", imports: ["Records", "Video", "Datasets"]),
  Room(
    name: "Encoders", imports: ["Records", "HTTP", "ModelHub", "Tensors", "Video"],
    testData: ["Golden"]),
  Room(name: "KeySelection", imports: ["Records"], testData: ["Golden"]),
  Room(
    name: "KeyEvents",
    imports: ["Records", "KeySelection", "Tensors", "Video", "Encoders", "Datasets"]),
  Room(
    name: "Workspaces", imports: ["Records", "Datasets"],
    products: [package("GRDB", "GRDB.swift")]),
  Room(
    name: "Descriptions",
    imports: [
      "Records", "HTTP", "Tensors", "Video", "Datasets", "Encoders", "KeyEvents", "Workspaces",
    ],
    products: [package("Mustache", "swift-mustache")], testData: ["Fixtures"]),
  Room(name: "DescriptionFeatures", imports: ["Records", "Tensors", "Encoders", "Workspaces"]),
  Room(
    name: "Detectors", imports: ["Records", "Tensors", "NeuralNetworks"], testData: ["Golden"]),
  Room(name: "Evaluation", imports: ["Records", "Tensors"], testData: ["Golden"]),
  Room(
    name: "Training",
    imports: ["Records", "Tensors", "NeuralNetworks", "Detectors", "Evaluation"]),
  Room(name: "Reports", imports: ["Records", "Video"]),
  Room(
    name: "SelectionReports",
    imports: [
      "Records", "Tensors", "Video", "Encoders", "KeyEvents", "Workspaces", "Evaluation",
      "Reports",
    ]),
  Room(
    name: "Pipeline",
    imports: [
      "Records", "HTTP", "Tensors", "Video", "Datasets", "Encoders", "KeyEvents", "Workspaces",
      "Descriptions", "DescriptionFeatures", "Detectors", "Training", "Evaluation", "Reports",
      "SelectionReports",
    ]),
  Room(
    name: "CommandSupport",
    imports: [
      "Records", "HTTP", "Tensors", "Video", "Datasets", "Encoders", "KeyEvents", "Workspaces",
      "Descriptions", "DescriptionFeatures", "Pipeline",
    ],
    products: [argumentParser]),
  Room(
    name: "kess",
    imports: [
      "Records", "HTTP", "ModelHub", "Tensors", "Video", "Datasets", "Encoders",
      "KeyEvents", "Workspaces", "Descriptions", "SelectionReports", "Pipeline", "CommandSupport",
    ],
    products: [argumentParser],
    isCommand: true, isInstalled: true, hasTests: false),
  Room(
    name: "describe",
    imports: [
      "Records", "Datasets", "DatasetChecks", "Workspaces", "Descriptions", "Pipeline",
      "CommandSupport",
    ],
    products: [argumentParser], isCommand: true, isInstalled: true, hasTests: false),
  Room(
    name: "embed",
    imports: [
      "Records", "Tensors", "Datasets", "Encoders", "Workspaces", "DescriptionFeatures",
      "Pipeline", "CommandSupport",
    ],
    products: [argumentParser], isCommand: true, isInstalled: true, hasTests: false),
  Room(
    name: "train-dbm",
    imports: [
      "Records", "Tensors", "Datasets", "Workspaces", "Detectors", "Training", "Pipeline",
      "CommandSupport", "CKeptMemory",
    ],
    products: [argumentParser], isCommand: true, isInstalled: true, hasTests: false),
  Room(
    name: "detect",
    imports: ["Records", "Video", "Workspaces", "Descriptions", "Pipeline", "CommandSupport"],
    products: [argumentParser], isCommand: true, isInstalled: true, hasTests: false),
  // The rest is for checkouts: `make build` leaves it out, and nothing of it is installed.
  Room(name: "DemoData", imports: ["Records", "Video", "Datasets", "Evaluation"]),
  Room(
    name: "kess-demo-data", imports: ["Records", "CommandSupport", "DemoData"],
    products: [argumentParser], isCommand: true, hasTests: false),
  Room(
    name: "bench",
    imports: [
      "Records", "Tensors", "Video", "Encoders", "KeyEvents", "Workspaces", "DescriptionFeatures",
      "NeuralNetworks", "Detectors", "CKeptMemory", "CPeaks",
    ],
    products: [argumentParser], isCommand: true, hasTests: false),
]

let cTargets: [Target] = [
  .systemLibrary(name: "CFFmpeg", pkgConfig: "libavformat libavcodec libswscale libavutil"),
  .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
  .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
  .systemLibrary(name: "COneDNN"),
  .target(name: "CKernels"),
  .target(name: "CPeaks"),
  .target(name: "CKeptMemory"),
  .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg"),
  .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
]

// Libraries for other packages, each with the rooms that its users import. The names
// begin with KESS, because rooms have general names and products share one list.
// KESS selects frames by a relevance curve, without FFmpeg and BLAS; KESSVideo selects
// key frames of videos; KESSServer describes frames with a server; KESSTraining trains
// and scores detectors on arrays; KESSPipeline has every stage of the commands.
let libraries: [(name: String, rooms: [String])] = [
  ("KESS", ["Records", "KeySelection"]),
  ("KESSVideo", ["Records", "Video", "Encoders", "KeySelection", "KeyEvents"]),
  ("KESSServer", ["Records", "HTTP", "Video", "Descriptions"]),
  (
    "KESSTraining",
    ["Records", "Tensors", "NeuralNetworks", "Detectors", "Evaluation", "Training"]
  ),
  (
    "KESSPipeline",
    [
      "Records", "Video", "Datasets", "Encoders", "KeySelection", "KeyEvents", "Workspaces",
      "Descriptions", "DescriptionFeatures", "Detectors", "Evaluation", "Training", "Reports",
      "SelectionReports", "Pipeline",
    ]
  ),
]

// Everything that rooms import, directly or not. A type's layout is compiled into
// whatever holds it, and SwiftPM rebuilds only what names a changed room as a
// dependency: without the indirect ones, an incremental build can crash. So a
// target could import more than its room declares; RoomImportsTests fails then.
func closure(of names: [String]) -> Set<String> {
  var found: Set<String> = []
  var open = names
  while let name = open.popLast() {
    guard found.insert(name).inserted else { continue }
    open += rooms.first { $0.name == name }?.imports ?? []
  }
  return found
}

// ROOMS=Video,Tensors builds and tests only these rooms and what they import:
// the quick cycle while working in one of them.
let named = ProcessInfo.processInfo.environment["ROOMS"]?.split(separator: ",").map(String.init)
let wanted = named.map { closure(of: $0) }
func isWanted(_ name: String) -> Bool { wanted?.contains(name) ?? true }
// Only the named rooms' own tests run then, not those of what they import.
func isTested(_ name: String) -> Bool { named?.contains(name) ?? true }

// A warning is an error with the compiler that the project is developed with; a
// newer one may warn of more, and must still build what users cloned.
#if compiler(>=6.3) && !compiler(>=6.4)
  let settings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
#else
  let settings: [SwiftSetting] = []
#endif

var targets: [Target] = cTargets
for room in rooms where isWanted(room.name) {
  let dependencies =
    closure(of: room.imports).sorted().map { Target.Dependency.byName(name: $0) } + room.products
  if room.isCommand {
    targets.append(
      .executableTarget(name: room.name, dependencies: dependencies, swiftSettings: settings))
  } else {
    targets.append(
      .target(name: room.name, dependencies: dependencies, swiftSettings: settings))
  }
  if room.hasTests && isTested(room.name) {
    targets.append(
      .testTarget(
        name: room.name + "Tests",
        dependencies: closure(of: [room.name]).sorted().map { .byName(name: $0) }
          + ["TestSupport"],
        exclude: room.testData, swiftSettings: settings))
  }
}
targets.append(.target(name: "TestSupport", path: "Tests/Support", swiftSettings: settings))
if isTested("CommandTests") {
  targets.append(
    .testTarget(
      name: "CommandTests",
      dependencies: closure(of: ["Tensors", "Video", "Workspaces", "Training"]).sorted()
        .map { .byName(name: $0) } + ["TestSupport"],
      exclude: ["recompute_auc.py"],
      swiftSettings: settings))
}

// KESS_DOCC=1 adds the plugin of `make docs`; other builds do not resolve it.
let documentation: [Package.Dependency] =
  ProcessInfo.processInfo.environment["KESS_DOCC"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
  name: "kess",
  products: rooms.filter { $0.isInstalled && isWanted($0.name) }.map {
    .executable(name: $0.name, targets: [$0.name])
  }
    + libraries.filter { $0.rooms.allSatisfy(isWanted) }.map {
      .library(name: $0.name, targets: $0.rooms)
    },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ] + documentation,
  targets: targets,
  swiftLanguageModes: [.v6]
)
