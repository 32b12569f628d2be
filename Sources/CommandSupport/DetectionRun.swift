import Encoders
import Evaluation
import Foundation
import Pipeline
import Records
import Tensors
import Training

/// Scores videos with one trained detector.
public struct DetectionRun: Sendable {
  /// One video's scores.
  public struct Scored: Sendable {
    public var id: String
    public var path: String
    /// One a snippet, 0...1.
    public var scores: [Float]
    public var record: SnippetFeatureRecord
  }

  public let checkpoint: DetectorCheckpoint

  /// - Parameter url: a checkpoint of train-dbm.
  public init(checkpoint url: URL) throws {
    checkpoint = try DetectorCheckpoint(url: url)
  }

  /// The features below `root` that the checkpoint can score: those that
  /// `--features` names, else imported ones where it was trained on them, else those
  /// of its own encoder, which are made where they are missing. Trained on several
  /// crops, it scores the centre crop, as VadCLIP's lists do.
  ///
  /// - Throws: `CommandError` where its weights are not there, `TrainingError`
  ///   where the encoder or its crops are others.
  public func store(
    _ visual: VisualFeatureSource, reporter: StageReporter = .silent, root: URL
  ) throws -> SnippetFeatureStore {
    let wanted = checkpoint.record.visualEncoder
    let imported = SnippetFeatureStore.all(in: root).first {
      $0.provenance.imported != nil
        && ProvenanceLabel($0.provenance.encoder).isSameEncoder(as: wanted)
    }
    guard let store = try visual.storedFeatures(in: root) ?? imported else {
      return try .ofVectors(by: encoder(visual, reporter: reporter, root: root), in: root)
    }
    try checkpoint.requireVisualEncoder(
      ProvenanceLabel(store.provenance.encoder), pooling: store.provenance.pooling)
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
            encoder: trained.identity, pooling: trained.poolingName, crops: trained.crops))
      }
      encoder =
        isThere || trained.crops == .whole
        ? trained : CLIPSnippetEncoder(model: model, pooling: pooling, crops: .vadclip1)
    }
    try checkpoint.requireVisualEncoder(ProvenanceLabel(encoder.identity))
    return encoder
  }

  /// The scores of videos whose features are ready, in the order given.
  public func score(
    _ videos: [(id: String, path: String)], stage: VisualFeatureStage,
    outcomes: [String: VisualFeatureStage.Outcome]
  ) throws -> [Scored] {
    let model = try checkpoint.model()
    return try videos.compactMap { video in
      guard let record = outcomes[video.id]?.record else { return nil }
      return Scored(
        id: video.id, path: video.path,
        scores: try model.anomalyScores(
          stage.store.rows(of: record, id: video.id), subject: video.id),
        record: record)
    }
  }
}
