import Encoders
import Evaluation
import Foundation
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

  /// The snippet encoder that the checkpoint was trained with: built-in, or CLIP
  /// with the checkpoint's pooling.
  ///
  /// - Throws: `CommandError` where its weights are not there, `TrainingError`
  ///   where those named are others.
  public func encoder(_ visual: VisualOptions) throws -> any SnippetEncoder {
    let wanted = checkpoint.record.visualEncoder
    let encoder: any SnippetEncoder
    if visual.visual == .builtin || (visual.visual == .auto && wanted.kind == "builtin") {
      encoder = BuiltInSnippetEncoder()
    } else {
      guard let model = try visual.clip.model(for: .clip) else { return BuiltInSnippetEncoder() }
      encoder = CLIPSnippetEncoder(
        model: model,
        pooling: CLIPSnippetEncoder.Pooling(rawValue: checkpoint.record.pooling) ?? visual.pooling)
    }
    try checkpoint.requireVisualEncoder(ProvenanceLabel(encoder.identity))
    return encoder
  }

  /// The scores of videos whose features are ready, in the order given.
  public func score(
    _ videos: [(id: String, path: String)], outcomes: [String: VisualFeatureStage.Outcome]
  ) throws -> [Scored] {
    let model = try checkpoint.model()
    return try videos.compactMap { video in
      guard case .ready(let features, let record, _)? = outcomes[video.id] else { return nil }
      return Scored(
        id: video.id, path: video.path,
        scores: try model.anomalyScores(features, subject: video.id), record: record)
    }
  }
}
