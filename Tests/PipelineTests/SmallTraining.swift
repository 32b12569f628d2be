import Datasets
import Detectors
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Training
import Workspaces

/// A workspace with stored features of made-up videos: normal ones are noise, those of each
/// class have a direction of their own added in two snippets. No video file exists.
struct SmallTraining {
  let folder: TemporaryFolder
  let workspace: Workspace
  var dataset: Dataset
  let featuresKey: String
  let classes = ["Normal", "Fighting", "Arson"]
  static let width = 8

  init(videos count: Int = 12, test: Int = 6, snippets: Int = 6) throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.create(
      at: folder.file("workspace"), dataset: "small", root: folder.url.path)
    let identity = EncoderIdentity(kind: "test", model: "noise", dimension: Self.width)
    let store = try SnippetFeatureStore(
      root: workspace.visualFeaturesRoot, encoder: nil,
      provenance: SnippetFeatureProvenance(encoder: identity, pooling: "mean16", crops: .whole))
    featuresKey = store.key
    var generator = SeededGenerator(seed: 11)
    var videos: [DatasetVideo] = []
    var annotations: [String: TemporalAnnotation] = [:]
    for index in 0..<count + test {
      let kind = index % 2 == 0 ? 0 : 1 + index / 2 % 2
      var rows = (0..<snippets * Self.width).map { _ in Float(generator.nextNormal()) }
      if kind > 0 {
        for step in 2..<4 { rows[step * Self.width + kind] += 4 }
      }
      let id = "v\(index)"
      try store.write(
        [(0, Tensor(shape: [snippets, Self.width], scalars: rows))],
        record: SnippetFeatureRecord(
          path: "\(id).mp4", fileBytes: 1, frameCount: snippets * 16, decodedFrameCount: nil,
          frameRate: 25, snippetCount: snippets), id: id)
      videos.append(
        DatasetVideo(
          id: id, path: folder.file("\(id).mp4").path, split: index < count ? "train" : "test",
          classNames: [classes[kind]], isAnomalous: kind > 0, sceneID: "scene\(index / 2)"))
      annotations[id] = TemporalAnnotation(
        videoID: id, className: classes[kind], events: kind > 0 ? [32..<64] : [])
    }
    dataset = Dataset(
      descriptor: DatasetDescriptor(
        name: "small", title: "Small", layout: .ucf,
        classes: classes.map { ClassDescriptor(name: $0, isNormal: $0 == "Normal") }),
      root: folder.url, videos: videos, annotations: annotations)
  }

  /// The stage over the stored features, with built-in texts.
  func stage(_ options: TrainingOptions, registry: DetectorRegistry = .standard) throws
    -> TrainingStage
  {
    try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: TrainingSources(
        visual: VisualFeatureSource(encoder: .builtIn, stored: .key(featuresKey)),
        descriptions: .builtIn),
      options: options, registry: registry)
  }
}
