import ArgumentParser
import Datasets
import KeyEvents
import Records

/// `--query`, `--label`, `--dataset`: the prompts that frames are compared with.
package struct QueryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What to look for (CLIP); may be repeated.", valueName: "text"))
  package var query: [String] = []

  @Option(help: ArgumentHelp("A class of --dataset to look for (CLIP).", valueName: "name"))
  package var label: String?

  @OptionGroup package var dataset: DatasetOptions

  package init() {}

  package func validate() throws {
    guard query.isEmpty || label == nil else {
      throw ValidationError("--query and --label cannot be used together")
    }
  }

  /// - Parameter scores: the file of `--scores`, if given.
  package func validate(scores: String?) throws {
    guard scores == nil || (query.isEmpty && label == nil) else {
      throw ValidationError("--scores are relevance already: leave out --query and --label")
    }
  }

  /// The prompts for the free text or for the class, else for any anomaly class of the data
  /// set (UCF-Crime if none is named).
  package func queries() throws -> RelevanceQueries {
    let resources = try dataset.resourceOptions.folders()
    let templates = try ClassPromptTemplates.standard(in: resources)
    if !query.isEmpty { return .free(query, neutral: templates.neutral) }
    guard
      let descriptor = try dataset.dataset == nil
        ? DatasetCatalog.descriptor(named: "ucf-crime", in: resources.datasets)
        : dataset.descriptor()
    else { return RelevanceQueries(wanted: []) }
    if let label { return try .label(label, in: descriptor, templates: templates) }
    return .anyAnomaly(in: descriptor, templates: templates)
  }

  /// - Throws: `CommandError.conflicting` for words with a scorer that does not read any.
  package func check(with scorer: any RelevanceScorer) throws {
    if scorer.queries.isEmpty, !query.isEmpty || label != nil {
      throw CommandError.conflicting(
        options: "--query or --label with the built-in scorer",
        remedy: "it reads no words; name CLIP weights with --clip-model")
    }
  }
}
