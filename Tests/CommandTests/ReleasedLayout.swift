import Foundation
import Records
import Tensors
import TestSupport

/// Made-up features in the layout of VadCLIP's releases: one .npy per crop, the official lists'
/// names and columns, the temporal annotation. Events have a direction added.
struct ReleasedLayout {
  /// Test events by class, as in UCF-Crime's lists: (training videos, test videos).
  private static let ucf: [(name: String, train: Int, test: Int)] = [
    ("Normal", 800, 150), ("Abuse", 48, 2), ("Arrest", 45, 5), ("Arson", 41, 9),
    ("Assault", 47, 3), ("Burglary", 87, 13), ("Explosion", 29, 21), ("Fighting", 45, 5),
    ("RoadAccidents", 127, 23), ("Robbery", 145, 5), ("Shooting", 27, 23),
    ("Shoplifting", 29, 21), ("Stealing", 95, 5), ("Vandalism", 45, 5),
  ]
  private static let xd: [(name: String, train: Int, test: Int)] = [
    ("A", 2049, 300), ("B1-0-0", 400, 100), ("B2-0-0", 400, 100), ("B4-0-0", 400, 100),
    ("B5-0-0", 100, 40), ("B6-0-0", 300, 80), ("B1-B2-0", 205, 50), ("G-0-0", 100, 30),
  ]
  static let width = 16

  let features: URL
  let lists: URL
  private(set) var files = 0

  /// - Parameter share: of the videos of each class; 1 for the published counts.
  init(_ dataset: String, in folder: URL, share: Double) throws {
    features = folder.appendingPathComponent("features")
    lists = folder.appendingPathComponent("lists")
    try FileManager.default.createDirectory(at: lists, withIntermediateDirectories: true)
    let isXD = dataset == "xd"
    var generator = SeededGenerator(seed: 9)
    var rows = [true: "path,label\n", false: "path,label\n"]
    var annotation = ""
    for (name, train, test) in isXD ? Self.xd : Self.ucf {
      let isNormal = name == "A" || name == "Normal"
      let counts = [train, test].map { share == 1 ? $0 : max(1, Int(Double($0) * share)) }
      let place = features.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for number in 0..<counts[0] + counts[1] {
        let isTest = number >= counts[0]
        let video =
          isXD
          ? "film\(isTest ? "t" : "")\(number)__#00-01-00_label_\(name)"
          : "\(isNormal ? "Normal_Videos" : name)\(number)_x264"
        let snippets = 4 + Int(generator.next() % 5)
        for crop in isTest ? [isXD ? 0 : 5] : Array(0..<10) {
          var values = (0..<snippets * Self.width).map { _ in Float(generator.nextNormal()) }
          if !isNormal { for step in 1..<3 { values[step * Self.width] += 8 } }
          let file = "\(video)__\(crop).npy"
          try Npy.write(
            Tensor(shape: [snippets, Self.width], scalars: values), as: .float16,
            to: place.appendingPathComponent(file))
          rows[isTest]? += "/home/somebody/\(name)/\(file),\(name)\n"
          files += 1
        }
        guard isTest else { continue }
        if !isXD {
          annotation += "\(video).mp4  \(name)  \(isNormal ? "-1  -1" : "17  48")  -1  -1  \n"
        } else if !isNormal {
          annotation += "\(video) 16 48\n"
        }
      }
    }
    let prefix = isXD ? "xd" : "ucf"
    try Data((rows[false] ?? "").utf8).write(
      to: lists.appendingPathComponent("\(prefix)_CLIP_rgb.csv"))
    try Data((rows[true] ?? "").utf8).write(
      to: lists.appendingPathComponent("\(prefix)_CLIP_rgbtest.csv"))
    try Data(annotation.utf8).write(
      to: lists.appendingPathComponent(
        isXD ? "annotations.txt" : "Temporal_Anomaly_Annotation.txt"))
  }
}
