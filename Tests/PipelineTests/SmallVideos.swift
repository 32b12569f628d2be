import Datasets
import Foundation
import KeyEvents
import Pipeline
import Records
import TestSupport
import Video
import Workspaces

/// Short clips in a temporary folder, and data sets and workspaces of them.
struct SmallVideos {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Renders 3 s of a square that walks; another one shakes in the second second of an
  /// anomalous clip.
  func clip(_ name: String, isAnomalous: Bool = false, seed: UInt64 = 1) throws -> String {
    let url = folder.file("videos/\(name).mp4")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let scene = MovingScene(width: 96, height: 72, seed: seed)
    let writer = try VideoWriter(path: url.path, width: 96, height: 72, frameRate: 16)
    for frame in 0..<48 {
      let time = Double(frame) / 16
      let shakes = isAnomalous && (1..<2).contains(time)
      try writer.append(
        RGBImage(
          width: 96, height: 72,
          pixels: scene.pixels(
            [
              .init(x: 5 + 5 * time, y: 45, side: 12),
              .init(x: 60 + (shakes ? 6 * sin(time * 19) : 0), y: 20, side: 16),
            ], noise: 1, frame: frame)))
    }
    try writer.finish()
    return url.path
  }

  /// A file that is no video.
  func damaged(_ name: String) throws -> String {
    let url = folder.file("\(name).mp4")
    try Data("no video".utf8).write(to: url)
    return url.path
  }

  /// A data set of one normal and one anomalous test video, the latter annotated.
  func dataset() throws -> Dataset {
    let videos = try [
      DatasetVideo(
        id: "calm", path: clip("Normal/calm"), split: "test", classNames: ["Normal"],
        isAnomalous: false),
      DatasetVideo(
        id: "fight", path: clip("Fighting/fight", isAnomalous: true, seed: 2), split: "test",
        classNames: ["Fighting"], isAnomalous: true),
    ]
    return Dataset(
      descriptor: DatasetDescriptor(
        name: "small", title: "Small", layout: .ucf,
        classes: [
          ClassDescriptor(name: "Normal", isNormal: true), ClassDescriptor(name: "Fighting"),
        ]),
      root: folder.url, videos: videos,
      annotations: [
        "fight": TemporalAnnotation(videoID: "fight", className: "Fighting", events: [16..<32])
      ])
  }

  func workspace(_ name: String = "space") throws -> Workspace {
    try Workspace.create(at: folder.file(name), dataset: "small", root: folder.url.path)
  }

  /// Scorers without any model.
  func scorers(of dataset: Dataset) throws -> DatasetScorers {
    DatasetScorers(
      descriptor: dataset.descriptor, model: nil,
      templates: try .standard(in: ResourceFolders.find()), encoding: .init())
  }
}
