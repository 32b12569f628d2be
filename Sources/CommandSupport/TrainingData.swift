import Datasets
import Encoders
import Foundation
import Tensors
import Training
import Workspaces

/// The training split of a workspace, in memory: features, weak labels and, where
/// wanted, description vectors.
public struct TrainingData: Sendable {
  public let samples: [TrainingSample]
  /// Videos that could not be read, with their reasons printed already.
  public let failedCount: Int
  /// Who wrote the descriptions, by number of videos.
  public let describers: [String: Int]

  /// Gathers the samples of a data set's training videos.
  ///
  /// - Parameter descriptions: unit vectors by video id; nil where none are used.
  /// - Throws: `CommandError` where labels or descriptions are missing.
  public init(
    dataset: Dataset, outcomes: [String: VisualFeatureStage.Outcome],
    descriptions: [String: [Float]]?, ledger: Ledger
  ) throws {
    let videos = dataset.videos(split: "train")
    guard !videos.isEmpty else {
      throw CommandError.notReady(
        subject: dataset.root.path, finding: "no training videos", remedy: "check the split lists")
    }
    let unlabelled = videos.filter { $0.isAnomalous == nil }
    guard unlabelled.isEmpty else {
      throw CommandError.notReady(
        subject: dataset.root.path,
        finding: "\(unlabelled.count) of \(videos.count) training videos have no label "
          + "(first: \(unlabelled[0].id))",
        remedy: "put the videos into one folder a class (one of them Normal), "
          + "or write a data set YAML file")
    }
    let classes = dataset.descriptor.classes.map(\.name)
    var samples: [TrainingSample] = []
    var missing: [String] = []
    for video in videos {
      guard case .ready(let features, _, _)? = outcomes[video.id] else { continue }
      if let descriptions, descriptions[video.id] == nil { missing.append(video.id) }
      samples.append(
        TrainingSample(
          videoID: video.id, features: features, isAnomalous: video.isAnomalous ?? false,
          classIndices: (video.classNames ?? []).compactMap { classes.firstIndex(of: $0) },
          description: descriptions?[video.id], group: video.sceneID))
    }
    // A few videos that could not be described must not stop a training; none
    // described at all is a stage that was forgotten.
    if let descriptions, samples.allSatisfy({ descriptions[$0.videoID] == nil }) {
      throw CommandError.notReady(
        subject: "description features", finding: "none of the training videos has any",
        remedy: "run describe and embed first, or train --variants no-dbm")
    }
    if !missing.isEmpty {
      Console.warning(
        "\(missing.count) training videos have no description features (first: \(missing[0])): "
          + "they train without the description loss")
    }
    self.samples = samples
    failedCount = videos.count - samples.count
    var describers: [String: Int] = [:]
    for description in try ledger.descriptions(split: "train") {
      describers[description.describer, default: 0] += 1
    }
    self.describers = describers
  }
}
