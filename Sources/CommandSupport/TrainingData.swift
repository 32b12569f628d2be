import Datasets
import Detectors
import Encoders
import Foundation
import Pipeline
import Tensors
import Training
import Workspaces

/// The training split of a workspace, in memory: features, weak labels and, where
/// wanted, description vectors.
public struct TrainingData: Sendable {
  public let samples: [TrainingSample]
  /// Videos that the samples come from: fewer than samples where there are crops.
  public let videoCount: Int
  /// Videos that could not be read, with their reasons printed already.
  public let failedCount: Int
  /// Who wrote the descriptions, by number of videos.
  public let describers: [String: Int]

  /// Gathers the samples of a data set's training videos.
  ///
  /// Each crop of a video is a sample of its own, as in VadCLIP. Of several, no more
  /// than the trainer's own `maximumSnippets` rows are kept in memory.
  ///
  /// - Parameters:
  ///   - stage: where the features are, of the videos in `outcomes`.
  ///   - descriptions: unit vectors by video id; nil where none are used.
  /// - Throws: `CommandError` where labels or descriptions are missing.
  public init(
    dataset: Dataset, stage: VisualFeatureStage,
    outcomes: [String: VisualFeatureStage.Outcome], maximumSnippets: Int,
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
    var readyCount = 0
    for video in videos {
      guard let record = outcomes[video.id]?.record else { continue }
      readyCount += 1
      if let descriptions, descriptions[video.id] == nil { missing.append(video.id) }
      for crop in record.crops {
        let rows = try stage.store.rows(of: record, id: video.id, crop: crop)
        samples.append(
          TrainingSample(
            videoID: video.id,
            features: record.crops.count > 1
              ? SnippetSequence.shortened(rows, to: maximumSnippets) : rows,
            isAnomalous: video.isAnomalous ?? false,
            classIndices: (video.classNames ?? []).compactMap { classes.firstIndex(of: $0) },
            description: descriptions?[video.id], group: video.sceneID))
      }
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
    videoCount = readyCount
    failedCount = videos.count - readyCount
    var describers: [String: Int] = [:]
    // Pieces of long videos are no training videos.
    let trained = Set(videos.map(\.id))
    for description in try ledger.descriptions(split: "train")
    where trained.contains(description.videoID) {
      describers[description.describer, default: 0] += 1
    }
    self.describers = describers
  }
}
