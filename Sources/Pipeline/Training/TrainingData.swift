import Datasets
import Detectors
import Encoders
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// The training split of a workspace: features, which stay in their files, weak labels and,
/// where wanted, description vectors.
public struct TrainingData: Sendable {
  public let samples: [TrainingSample]
  /// Videos that the samples come from: fewer than samples where there are crops.
  public let videoCount: Int
  /// Who wrote the descriptions, by number of videos.
  public let describers: [String: Int]
  /// What a model reads of the data, which its digest is of.
  public struct Reading: Hashable, Sendable {
    public var maximumSnippets: Int
    public var descriptions: Bool

    public init(maximumSnippets: Int, descriptions: Bool) {
      self.maximumSnippets = maximumSnippets
      self.descriptions = descriptions
    }
  }

  /// SHA-256 of all that a model reads: ids, labels, features, description vectors.
  public let digests: [Reading: String]

  /// Gathers the samples of a data set's training videos. Every file of features is read once,
  /// for the check and the digest.
  ///
  /// Each crop of a video is a sample of its own, as in VadCLIP.
  ///
  /// - Parameters:
  ///   - stage: where the features are, of the videos in `outcomes`.
  ///   - readings: what the models read, at least one of them.
  ///   - descriptions: unit vectors by video id; nil where none are used.
  /// - Throws: `PipelineError` where labels or descriptions are missing, or a class name
  ///   is unknown.
  public init(
    dataset: Dataset, stage: VisualFeatureStage,
    outcomes: [String: VisualFeatureStage.Outcome], readings: Set<Reading>,
    descriptions: [String: [Float]]?, ledger: Ledger, reporter: StageReporter = .silent,
    stop: StopSignal = StopSignal()
  ) throws {
    let videos = try Self.labelledVideos(of: dataset)
    let classes = dataset.descriptor.classes.map(\.name)
    let ready = videos.filter { outcomes[$0.id]?.record != nil }
    let undescribed = descriptions.map { vectors in ready.filter { vectors[$0.id] == nil } } ?? []
    if !ready.isEmpty, undescribed.count == ready.count { throw Self.undescribed }

    reporter.begin("training data", total: ready.count, itemName: "videos")
    var samples: [TrainingSample] = []
    var hashes = Dictionary(uniqueKeysWithValues: readings.map { ($0, ContentHash()) })
    let longest = readings.map(\.maximumSnippets).max() ?? .max
    for video in ready {
      guard !stop.isRequested, let record = outcomes[video.id]?.record else { break }
      let indices = try (video.classNames ?? []).map { name in
        guard let index = classes.firstIndex(of: name) else {
          throw PipelineError.notReady(
            subject: video.id, finding: "class '\(name)' is none of the data set's",
            remedy: "name it in the data set's YAML file, or correct the label; known: "
              + classes.joined(separator: ", "))
        }
        return index
      }
      for crop in record.crops {
        var features =
          if let rows = try stage.store.storedRows(of: record, id: video.id, crop: crop) {
            SnippetRows(rows)
          } else {
            SnippetRows(try stage.store.rows(of: record, id: video.id, crop: crop))
          }
        // Limits do not add up: a model with a lower one gets the means that it gets alone.
        features = features.limited(to: longest)
        let rows = try features.checkedTensor(
          width: stage.identity.dimension, subject: video.id)
        let sample = TrainingSample(
          videoID: video.id, features: features, isAnomalous: video.isAnomalous ?? false,
          classIndices: indices, description: descriptions?[video.id], group: video.sceneID)
        for reading in readings {
          guard var hash = hashes.removeValue(forKey: reading) else { continue }
          sample.add(
            to: &hash,
            reading.maximumSnippets == longest
              ? rows : try features.limited(to: reading.maximumSnippets).tensor(),
            description: reading.descriptions ? sample.description : nil)
          hashes[reading] = hash
        }
        samples.append(sample)
      }
      reporter.advance()
    }
    reporter.end(needsSummary: false)
    if let first = undescribed.first {
      reporter.warning(
        "\(undescribed.count) training videos have no description features (first: \(first.id)): "
          + "they train without the description loss")
    }
    self.samples = samples
    videoCount = ready.count
    digests = hashes.mapValues { $0.finalize() }
    var describers: [String: Int] = [:]
    // Pieces of long videos are no training videos.
    let trained = Set(videos.map(\.id))
    for description in try ledger.descriptions(split: "train")
    where trained.contains(description.videoID) {
      describers[description.describer, default: 0] += 1
    }
    self.describers = describers
  }

  /// A few videos that could not be described must not stop a training; none described at all
  /// is a stage that was forgotten.
  static let undescribed = PipelineError.notReady(
    subject: "description features", finding: "none of the training videos has any",
    remedy: "run describe and embed first, or train a preset without them: no-dbm of dbvad, "
      + "no-description of mgte")

  /// The training videos.
  ///
  /// - Throws: `PipelineError` where there are none, or some have no label.
  static func labelledVideos(of dataset: Dataset) throws -> [DatasetVideo] {
    let videos = dataset.videos(split: "train")
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path, finding: "no training videos", remedy: "check the split lists")
    }
    let unlabelled = videos.filter { $0.isAnomalous == nil }
    guard unlabelled.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path,
        finding: "\(unlabelled.count) of \(videos.count) training videos have no label "
          + "(first: \(unlabelled[0].id))",
        remedy: "put the videos into one folder per class (one of them Normal), "
          + "or write a data set YAML file")
    }
    return videos
  }
}

extension TrainingSample {
  /// Adds everything that training reads of the sample.
  fileprivate func add(
    to hash: inout ContentHash, _ features: Tensor<Float>, description: [Float]?
  ) {
    func add(_ numbers: [Float]) {
      hash.update(numbers.withUnsafeBytes { Data($0) })
    }
    hash.update(
      "\(videoID) \(group) \(isAnomalous) \(classIndices) \(features.shape) "
        + "\(description?.count ?? -1)")
    add(features.scalars)
    if let description { add(description) }
  }
}
