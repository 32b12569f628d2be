import Datasets
import Descriptions
import Encoders
import KeyEvents
import Synchronization

/// The relevance scorers of a data set's videos, with one CLIP scorer per set of prompts.
public final class DatasetScorers: Sendable {
  private let model: (any VisionLanguageEncoder)?
  private let descriptor: DatasetDescriptor
  private let templates: ClassPromptTemplates
  private let encoding: FrameEncoding
  private let made = Mutex<[String: CLIPRelevanceScorer]>([:])

  /// - Parameters:
  ///   - model: what embeds frames and prompts; nil for the built-in novelty scorer.
  ///   - encoding: how frames are embedded; its cache is shared by all scorers.
  public init(
    descriptor: DatasetDescriptor, model: (any VisionLanguageEncoder)?,
    templates: ClassPromptTemplates, encoding: FrameEncoding
  ) {
    self.descriptor = descriptor
    self.model = model
    self.templates = templates
    self.encoding = encoding
  }

  /// The scorer's name, for people.
  public var name: String {
    guard let model else { return NoveltyScorer().identity.description }
    return hasPrompts
      ? model.identity.description
      : "\(NoveltyScorer().identity) (no classes to look for)"
  }

  /// What embeds the frames; nil if the scorer needs no embeddings.
  public var imageEncoder: (any ImageEncoder)? { hasPrompts ? model : nil }

  /// Whether the data set has anomaly classes; footage without any is scored by novelty.
  private var hasPrompts: Bool { !descriptor.anomalyClasses.isEmpty }

  /// Compares descriptions with their frames by the same model; nil without one.
  public var frameTextCheck: FrameTextCheck? {
    model.map { FrameTextCheck(encoder: $0, encoding: encoding) }
  }

  /// The scorer for one video. It searches for the video's own classes only in the training
  /// split, and for any anomaly otherwise.
  ///
  /// - Throws: `DatasetError` for a label that is no class, `EncoderError`.
  public func scorer(for video: DatasetVideo) throws -> any RelevanceScorer {
    guard let model, hasPrompts else { return NoveltyScorer() }
    let labels = video.split == "train" ? video.classNames : nil
    let queries =
      if let labels, !labels.isEmpty {
        try RelevanceQueries.labels(labels, in: descriptor, templates: templates)
      } else {
        RelevanceQueries.anyAnomaly(in: descriptor, templates: templates)
      }
    let key = (queries.wanted + ["|"] + queries.unwanted + ["|"] + queries.neutral).joined(
      separator: "\n")
    return try made.withLock { made in
      if let scorer = made[key] { return scorer }
      let scorer = try CLIPRelevanceScorer(
        imageEncoder: model, textEncoder: model, queries: queries, encoding: encoding)
      made[key] = scorer
      return scorer
    }
  }
}
