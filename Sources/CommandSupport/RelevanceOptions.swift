import ArgumentParser
import Datasets
import KeyEvents
import Records

/// `--scorer`, `--clip-model`: what says how much a frame matters.
public struct RelevanceOptions: ParsableArguments {
  @Option(help: "Relevance: CLIP, built-in novelty, or CLIP where weights are there.")
  public var scorer: VisualChoice = .auto

  @OptionGroup public var clip: CLIPOptions
  @OptionGroup public var encoding: EncodingOptions

  public init() {}

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
