import Datasets
import Detectors
import Encoders
import Evaluation
import Foundation
import Records
import Training

/// The test videos of released features with the ground truth of VadCLIP's code, by which the
/// published figures were made: UCF-Crime's pairs (s, e) are [s, e), frames are whole snippets.
struct ReleasedTestSet: Sendable {
  private struct Video: Sendable {
    var id: String
    var record: SnippetFeatureRecord
    var truth: FrameGroundTruth
  }

  private let videos: [Video]
  private let store: SnippetFeatureStore
  private let normalClass: Int?
  /// Names features and truth.
  let digest: String

  /// - Throws: `RecordError` for a record that cannot be read, `PipelineError.notReady` where no
  ///   test video has features.
  init(dataset: Dataset, store: SnippetFeatureStore) throws {
    self.store = store
    normalClass = dataset.descriptor.classes.firstIndex(where: \.normal)
    var hash = ContentHash()
    hash.update(store.key)
    videos = try dataset.videos(split: "test").compactMap { video in
      guard let record = try store.record(id: video.id) else { return nil }
      let truth = Self.truth(
        frameCount: record.frameCount, events: dataset.annotations[video.id]?.events ?? [],
        descriptor: dataset.descriptor)
      hash.update("\(video.id) \(truth.positives)")
      hash.update(
        FileState.text(
          of: store.folder.appendingPathComponent(
            "\(video.id)__\(record.testCrop ?? record.crops.first ?? 0).npy"
          ).path))
      return Video(id: video.id, record: record, truth: truth)
    }
    digest = hash.finalize()
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: store.folder.path, finding: "no test video has features",
        remedy: "check the test list")
    }
  }

  private static func truth(
    frameCount: Int, events: [Range<Int>], descriptor: DatasetDescriptor
  ) -> FrameGroundTruth {
    let shift = LegacyTruth(descriptor).startShift
    return FrameGroundTruth(
      frameCount: frameCount,
      events: events.map { min($0.lowerBound + shift, $0.upperBound)..<$0.upperBound },
      tail: .drop)
  }

  /// A figure, from 0 to 1, of a model's present weights.
  ///
  /// - Throws: `PipelineError.notReady` where it is not defined, and what scoring throws.
  func score(_ measure: ReproducedMeasure, of model: DetectorModel) throws -> Double {
    var scores: [Float] = []
    for video in videos {
      let found = try model.scores(
        store.rows(of: video.record, id: video.id), subject: video.id)
      switch measure {
      case .auc1, .ap1, .map: scores += found.anomaly
      case .auc2, .ap2:
        guard let classes = found.classes, let normalClass else { throw Self.undefined(measure) }
        let width = classes.shape[1]
        scores += (0..<classes.shape[0]).map { 1 - classes.scalars[$0 * width + normalClass] }
      }
    }
    let groups = ScoreGroups(
      scores: scores, positives: videos.flatMap(\.truth.positives),
      negatives: videos.flatMap(\.truth.negatives))
    let isArea = measure == .auc1 || measure == .auc2
    guard let value = isArea ? AreaUnderROC.compute(groups) : AveragePrecision.compute(groups)
    else { throw Self.undefined(measure) }
    return value
  }

  private static func undefined(_ measure: ReproducedMeasure) -> PipelineError {
    .notReady(
      subject: "the test set", finding: "\(measure.rawValue) is not defined on it",
      remedy: "check the temporal annotation, and that the model scores classes")
  }

  /// The frame figures of stored scores, from 0 to 1, by the same ground truth.
  static func figures(of folder: ScoreFolder, descriptor: DatasetDescriptor) throws
    -> [ReproducedMeasure: Double]
  {
    func groups(_ scores: (ScoredVideo) -> [Float]?) -> ScoreGroups? {
      var all: (scores: [Float], positives: [Int], negatives: [Int]) = ([], [], [])
      for video in folder.videos {
        guard let own = scores(video) else { return nil }
        let truth = Self.truth(
          frameCount: video.frameCount, events: video.events ?? [], descriptor: descriptor)
        all.scores += own
        all.positives += truth.positives
        all.negatives += truth.negatives
      }
      return ScoreGroups(
        scores: all.scores, positives: all.positives, negatives: all.negatives)
    }
    for video in folder.videos { try video.validate() }
    let normal = folder.normalClass.flatMap(folder.classes.firstIndex(of:))
    let binary = groups(\.scores)
    let classes = normal.flatMap { index in groups { $0.anomalyScores(normalClass: index) } }
    var figures: [ReproducedMeasure: Double] = [:]
    figures[.auc1] = binary.flatMap(AreaUnderROC.compute)
    figures[.ap1] = binary.flatMap(AveragePrecision.compute)
    figures[.auc2] = classes.flatMap(AreaUnderROC.compute)
    figures[.ap2] = classes.flatMap(AveragePrecision.compute)
    return figures
  }
}
