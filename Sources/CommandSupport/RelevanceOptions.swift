import ArgumentParser
import Datasets
import Encoders
import KeyEvents
import Pipeline
import Records

/// `--scorer`, `--clip-model`, `--encoder`: how a frame's relevance is scored.
package struct RelevanceOptions: ParsableArguments {
  @Option(help: "Relevance: clip; builtin, novelty; or auto, CLIP if its weights are there.")
  package var scorer: VisualChoice = .auto

  @OptionGroup package var clip: CLIPOptions
  @OptionGroup package var server: EncoderServerOptions
  @OptionGroup package var encoding: EncodingOptions

  package init() {}

  /// A scorer for one set of queries: CLIP, or novelty, which ignores them.
  package func scorer(queries: RelevanceQueries) throws -> any RelevanceScorer {
    guard let model = try model() else { return NoveltyScorer() }
    return try CLIPRelevanceScorer(
      imageEncoder: model, textEncoder: model, queries: queries, encoding: encoding.encoding())
  }

  /// The scorers of a data set's videos; see `DatasetScorers`.
  package func scorers(for dataset: Dataset, resources: ResourceFolders) throws -> DatasetScorers {
    DatasetScorers(
      descriptor: dataset.descriptor, model: try model(),
      templates: try .standard(in: resources), encoding: encoding.encoding())
  }

  private func model() throws -> (any VisionLanguageEncoder)? {
    try source().encoder(reporter: .console())
  }

  /// What computes embeddings, or the built-in novelty.
  ///
  /// - Throws: `CommandError.conflicting`.
  package func source() throws -> VisionEncoderSource {
    try scorer.source(of: "--scorer", clip: clip, server: server)
  }
}
