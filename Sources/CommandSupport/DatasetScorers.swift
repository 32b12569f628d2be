import Datasets
import Descriptions
import Encoders
import KeyEvents
import Synchronization

/// The relevance scorers of a data set's videos; a CLIP scorer is made once for
/// each set of prompts.
public final class DatasetScorers: Sendable {
  private let model: (any VisionLanguageEncoder)?
  private let descriptor: DatasetDescriptor
  private let templates: ClassPromptTemplates
  private let encoding: FrameEncoding
  private let made = Mutex<[String: CLIPRelevanceScorer]>([:])

  init(
    descriptor: DatasetDescriptor, model: (any VisionLanguageEncoder)?,
    templates: ClassPromptTemplates, encoding: FrameEncoding
  ) {
    self.descriptor = descriptor
    self.model = model
    self.templates = templates
    self.encoding = encoding
  }

  /// What does the scoring, in words.
  public var name: String {
    guard let model else { return NoveltyScorer().identity.description }
    return hasPrompts
      ? model.identity.description
      : "\(NoveltyScorer().identity) (no classes to look for)"
  }

  /// What encodes the videos' frames; nil where nothing does.
  public var imageEncoder: (any ImageEncoder)? { hasPrompts ? model : nil }

  /// Whether the data set has classes to look for; footage without any is scored by what
  /// is new in it.
  private var hasPrompts: Bool { !descriptor.anomalyClasses.isEmpty }

  /// Compares descriptions with their frames by the model that scores; nil without one.
  public var frameTextCheck: FrameTextCheck? {
    model.map { FrameTextCheck(encoder: $0, encoding: encoding) }
  }

  /// The scorer for one video.
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
