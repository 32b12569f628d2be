import ArgumentParser
import Datasets
import Encoders
import KeyEvents
import Records
import Synchronization

extension SelectionStrategy: ExpressibleByArgument {}

/// How key frames are chosen: the same options wherever they are.
public struct SelectionCommandOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many frames.", valueName: "n"))
  public var frames: Int = 8

  @Option(help: "How they are chosen.")
  public var strategy: SelectionStrategy = .kess

  @Option(help: ArgumentHelp("From 0, the most relevant, to 1, evenly spread.", valueName: "s"))
  public var spread: Double = 0.5

  @Option(help: "Relevance: CLIP, built-in novelty, or CLIP where weights are there.")
  public var scorer: VisualChoice = .auto

  @OptionGroup public var clip: CLIPOptions
  @OptionGroup public var encoding: EncodingOptions

  public init() {}

  public func validate() throws {
    guard frames >= 1 else {
      throw ValidationError("--frames must be at least 1, found \(frames)")
    }
    guard (0...1).contains(spread) else {
      throw ValidationError("--spread must be from 0 to 1, found \(spread)")
    }
  }

  /// The options of the selector.
  public var options: SelectionOptions {
    SelectionOptions(frames: frames, strategy: strategy, spread: spread)
  }

  /// A scorer for one set of queries: CLIP where it is wanted, else novelty,
  /// which knows no queries.
  public func scorer(queries: RelevanceQueries) throws -> any RelevanceScorer {
    guard let model = try clip.model(for: scorer) else { return NoveltyScorer() }
    return try CLIPRelevanceScorer(
      imageEncoder: model, textEncoder: model, queries: queries, encoding: encoding.encoding())
  }

  /// Scorers for the videos of a data set: by label for training videos whose
  /// label is known, by "any anomaly" for all others.
  public func scorers(for dataset: Dataset, resources: ResourceFolders) throws -> DatasetScorers {
    DatasetScorers(
      descriptor: dataset.descriptor, model: try clip.model(for: scorer),
      templates: try .standard(in: resources), encoding: encoding.encoding())
  }
}

/// The relevance scorers of a data set's videos; a CLIP scorer is made once for
/// each set of prompts.
public final class DatasetScorers: Sendable {
  private let model: CLIPModel?
  private let descriptor: DatasetDescriptor
  private let templates: ClassPromptTemplates
  private let encoding: FrameEncoding
  private let made = Mutex<[String: CLIPRelevanceScorer]>([:])

  fileprivate init(
    descriptor: DatasetDescriptor, model: CLIPModel?, templates: ClassPromptTemplates,
    encoding: FrameEncoding
  ) {
    self.descriptor = descriptor
    self.model = model
    self.templates = templates
    self.encoding = encoding
  }

  /// What does the scoring, in words.
  public var name: String { model?.identity.description ?? NoveltyScorer().identity.description }

  /// The scorer for one video.
  public func scorer(for video: DatasetVideo) throws -> any RelevanceScorer {
    guard let model else { return NoveltyScorer() }
    let labels = video.split == "train" ? video.classNames : nil
    let queries =
      if let labels, !labels.isEmpty {
        try RelevanceQueries.labels(labels, in: descriptor, templates: templates)
      } else {
        RelevanceQueries.anyAnomaly(in: descriptor, templates: templates)
      }
    let key = (queries.wanted + ["|"] + queries.unwanted).joined(separator: "\n")
    return try made.withLock { made in
      if let scorer = made[key] { return scorer }
      let scorer = try CLIPRelevanceScorer(
        imageEncoder: model, textEncoder: model, queries: queries, encoding: encoding)
      made[key] = scorer
      return scorer
    }
  }
}

extension RelevanceQueries {
  /// The prompts of all of a video's labels.
  static func labels(
    _ names: [String], in descriptor: DatasetDescriptor, templates: ClassPromptTemplates
  ) throws -> RelevanceQueries {
    let each = try names.map { try label($0, in: descriptor, templates: templates) }
    return RelevanceQueries(
      wanted: each.flatMap(\.wanted), unwanted: each.first?.unwanted ?? [])
  }
}
