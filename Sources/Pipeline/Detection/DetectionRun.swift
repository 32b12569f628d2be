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
  /// the centre crop, as VadCLIP's lists do.
  ///
  /// - Throws: `PipelineError` where its weights are missing, `TrainingError` where the
  ///   encoder or its crops are others.
  public func store(
    _ visual: VisualFeatureSource, reporter: StageReporter = .silent, root: URL
  ) throws -> SnippetFeatureStore {
    let wanted = checkpoint.record.visualEncoder
    let imported = SnippetFeatureStore.all(in: root).first {
      $0.provenance.imported != nil && $0.provenance.encoder.isSameEncoder(as: wanted)
    }
    guard let store = try visual.storedFeatures(in: root) ?? imported else {
      return try .ofVectors(
        by: encoder(visual, reporter: reporter, root: root), views: visual.views, in: root)
    }
    try checkpoint.requireVisualEncoder(
      store.provenance.encoder, pooling: store.provenance.pooling)
    return store
  }

  /// The snippet encoder that the checkpoint was trained with: built-in, or CLIP
  /// with the checkpoint's pooling and geometry.
  private func encoder(
    _ visual: VisualFeatureSource, reporter: StageReporter, root: URL
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
        isThere || trained.crops == .whole
        ? trained : CLIPSnippetEncoder(model: model, pooling: pooling, crops: .vadclip1)
    }
    try checkpoint.requireVisualEncoder(encoder.identity)
    return encoder
  }

  /// The scores of videos whose features are ready, in the order given; calibrated ones where
  /// the checkpoint has a calibration.
  public func score(
    _ videos: [(id: String, path: String)], stage: VisualFeatureStage,
    outcomes: [String: VisualFeatureStage.Outcome]
  ) throws -> [ScoredVideo] {
    try checkpoint.requireVisualEncoder(
      stage.identity, pooling: stage.store.provenance.pooling)
    let model = try checkpoint.model()
    return try videos.compactMap { video in
      guard let record = outcomes[video.id]?.record else { return nil }
      let scores = try model.scores(
        stage.store.rows(of: record, id: video.id), subject: video.id)
      let calibration = checkpoint.record.calibration
      return ScoredVideo(
        id: video.id,
        scores: calibration.map { calibration in
          scores.logits(learnedShare: Float(calibration.learnedShare ?? 1))
            .map(calibration.score(of:))
        } ?? scores.anomaly,
        classScores: scores.classes,
        frameCount: record.frameCount, frameRate: record.frameRate)
    }
  }
}
