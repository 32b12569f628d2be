import Detectors
import Encoders
import Evaluation
import Foundation
import Records
import Tensors
import Training

/// Scores videos with one trained detector.
public struct DetectionRun: Sendable {
  public let checkpoint: DetectorCheckpoint

  /// - Parameter url: a checkpoint of train-dbm.
  public init(checkpoint url: URL, registry: DetectorRegistry = .standard) throws {
    checkpoint = try DetectorCheckpoint(url: url, registry: registry)
  }

  /// The classes that the columns of class scores stand for.
  public var classes: [String] { checkpoint.record.plan.inputs.classes }

  /// The features below `root` that the checkpoint can score: the stored ones that the
  /// source names, else imported ones where it was trained on them, else those of its own
  /// encoder, which are made where they are missing. Trained on several crops, it scores
  /// the centre crop, as VadCLIP's lists do, unless others are wanted.
  ///
  /// - Parameter crops: which crops score a video.
  /// - Throws: `PipelineError` where its weights are missing, `TrainingError` where the
  ///   encoder or its crops are others.
  public func store(
    _ visual: VisualFeatureSource, crops: [TestCrops] = [.listed],
    reporter: StageReporter = .silent, root: URL
  ) throws -> SnippetFeatureStore {
    let wanted = checkpoint.record.visualEncoder
    let imported = SnippetFeatureStore.all(in: root).first {
      $0.provenance.imported != nil && $0.provenance.encoder.isSameEncoder(as: wanted)
    }
    guard let store = try visual.storedFeatures(in: root) ?? imported else {
      let encoder = try encoder(visual, crops: crops, reporter: reporter, root: root)
      for choice in crops { try choice.check(encoder.crops.count) }
      return try .ofVectors(by: encoder, views: visual.views, in: root)
    }
    for choice in crops { try choice.check(store.provenance.cropOrder.count) }
    try checkpoint.requireVisualEncoder(
      store.provenance.encoder, pooling: store.provenance.pooling)
    return store
  }

  /// The snippet encoder that the checkpoint was trained with: built-in, or CLIP
  /// with the checkpoint's pooling and geometry.
  private func encoder(
    _ visual: VisualFeatureSource, crops: [TestCrops], reporter: StageReporter, root: URL
  ) throws -> any SnippetEncoder {
    let wanted = checkpoint.record.visualEncoder
    let source = visual.encoder.like(builtIn: wanted.kind == "builtin")
    var encoder: any SnippetEncoder = BuiltInSnippetEncoder()
    if let model = try source.encoder(reporter: reporter) {
      let pooling =
        CLIPSnippetEncoder.Pooling(rawValue: checkpoint.record.pooling) ?? visual.pooling
      let trained = CLIPSnippetEncoder(
        model: model, pooling: pooling,
        crops: FrameCrops(rawValue: checkpoint.record.crops) ?? .whole)
      // All crops of a test video are made only by those who ask for them.
      let isThere = SnippetFeatureStore.all(in: root).contains {
        $0.provenance.hasSameVectors(
          as: SnippetFeatureProvenance(
            encoder: trained.identity, pooling: trained.poolingName, crops: trained.crops,
            views: visual.views.keyText))
      }
      encoder =
        isThere || crops.contains { $0 != .listed } || trained.crops == .whole
        ? trained : CLIPSnippetEncoder(model: model, pooling: pooling, crops: .vadclip1)
    }
    try checkpoint.requireVisualEncoder(encoder.identity)
    return encoder
  }

  /// The scores of videos whose features are ready, in the order given; calibrated ones where
  /// the checkpoint has a calibration. Of several crops, the mean of their scores.
  ///
  /// - Throws: `PipelineError.notReady` where a crop is not stored; `DetectorError`.
  public func score(
    _ videos: [(id: String, path: String)], stage: VisualFeatureStage,
    outcomes: [String: VisualFeatureStage.Outcome], crops: TestCrops = .listed
  ) throws -> [ScoredVideo] {
    try checkpoint.requireVisualEncoder(
      stage.identity, pooling: stage.store.provenance.pooling)
    let model = try checkpoint.model()
    return try videos.compactMap { video in
      guard let record = outcomes[video.id]?.record else { return nil }
      let numbers = try crops.numbers(
        of: record, id: video.id, count: stage.store.provenance.cropOrder.count)
      let each = try numbers.map { crop in
        try scores(
          of: stage.store.rows(of: record, id: video.id, crop: crop), by: model,
          subject: video.id)
      }
      let classes = each.compactMap(\.classes)
      return ScoredVideo(
        id: video.id, scores: Self.mean(each.map(\.anomaly)),
        classScores: classes.first.map {
          Tensor(shape: $0.shape, scalars: Self.mean(classes.map(\.scalars)))
        },
        frameCount: record.frameCount, frameRate: record.frameRate)
    }
  }

  private func scores(of rows: Tensor<Float>, by model: DetectorModel, subject: String) throws
    -> (anomaly: [Float], classes: Tensor<Float>?)
  {
    let scores = try model.scores(rows, subject: subject)
    return (
      checkpoint.record.calibration?.scores(of: scores) ?? scores.anomaly, scores.classes
    )
  }

  /// The mean of lists of one length; one list as it is.
  private static func mean(_ lists: [[Float]]) -> [Float] {
    guard let first = lists.first, lists.count > 1 else { return lists.first ?? [] }
    return first.indices.map { index in
      lists.reduce(0) { $0 + $1[index] } / Float(lists.count)
    }
  }
}
