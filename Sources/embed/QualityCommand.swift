import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import Workspaces

struct QualityCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "quality",
    abstract: "Measures whether the descriptions distinguish videos and classes.",
    discussion: """
      Near duplicates, class separation, and, with snippet features of the same encoder (CLIP), \
      how well a description matches its own video. Documentation/embed.md explains the figures.

      \(CommandExit.help)
      """)

  @OptionGroup var options: CacheOptions

  @Option(
    help: ArgumentHelp(
      "The snippet features to compare with: a folder in features/visual. (default: those of the same encoder)",
      valueName: "key"))
  var features: String?

  @Flag(help: "The figures as JSON, with every class.")
  var json = false

  func execute() async throws {
    let cache = try options.cache()
    MatrixThreads.set(Parallel.cores)
    let labels = try cache.ledger.videos().reduce(into: [String: Set<String>]()) {
      $0[$1.id] = $1.classNames.map { Set($0) } ?? []
    }
    let vectors = try cache.vectors()
    guard !vectors.isEmpty else {
      throw PipelineError.notReady(
        subject: cache.key, finding: "no vectors of whole descriptions",
        remedy: "run embed --levels whole")
    }
    let figures = TextFeatureQuality(
      vectors: vectors, classes: labels,
      pictures: try pictures(of: cache, videos: Array(vectors.keys)))
    if json { return Console.result(try JSONRecord.encode(figures)) }
    show(figures)
  }

  /// The mean of each video's snippet vectors, of length 1.
  private func pictures(of cache: TextFeatureCache, videos: [String]) throws
    -> [String: [Float]]
  {
    let workspace = cache.workspace
    let stores = SnippetFeatureStore.all(in: workspace.visualFeaturesRoot)
    let fitting = stores.filter { store in
      store.provenance.encoder == cache.recipe.encoder
        && cache.recipe.encoder.kind != "builtin" && (features == nil || store.key == features)
    }
    guard let store = fitting.first else {
      if let features {
        throw PipelineError.notReady(
          subject: workspace.visualFeaturesRoot.path,
          finding: "'\(features)' is not there, or not of \(cache.recipe.encoder)",
          remedy: stores.isEmpty
            ? "run kess features with the same encoder"
            : "name one of \(stores.map(\.key).joined(separator: ", "))")
      }
      return [:]
    }
    return try videos.reduce(into: [:]) { means, video in
      guard let record = try store.record(id: video) else { return }
      let rows = try store.rows(of: record, id: video)
      var mean = [Float](repeating: 0, count: rows.rowWidth)
      for row in 0..<rows.shape[0] {
        for column in mean.indices { mean[column] += rows.scalars[row * mean.count + column] }
      }
      means[video] = VectorMath.unit(mean, arithmetic: Float.self)
    }
  }

  private func show(_ figures: TextFeatureQuality) {
    func line(_ name: String, _ value: String) {
      Console.result(name.padding(toLength: 22, withPad: " ", startingAt: 0) + value)
    }
    func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
    func cosine(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    line(
      "descriptions",
      "\(figures.descriptions)"
        + (figures.compared < figures.descriptions ? ", \(figures.compared) compared" : ""))
    line("duplicates", percent(figures.duplicateShare))
    line(
      "near duplicates",
      "\(percent(figures.nearDuplicateShare)) have another at cosine "
        + "\(TextFeatureQuality.nearDuplicateCosine) or nearer")
    line("mean cosine", cosine(figures.meanCosine))
    if let separation = figures.separation {
      line("class separation", cosine(separation) + " (mean cosine within minus between classes)")
    }
    if let agreement = figures.neighbourAgreement, let chance = figures.neighbourChance {
      line(
        "nearest neighbour", "of the same class \(percent(agreement)), by chance \(percent(chance))"
      )
    }
    if let video = figures.video {
      line(
        "own video",
        "\(cosine(video.own)), other videos \(cosine(video.others)); its own first "
          + "\(percent(video.firstShare)), by chance \(percent(video.chance)) (\(video.videos) videos)"
      )
    } else {
      line("own video", "no snippet features of this encoder")
    }
    guard !figures.classes.isEmpty else { return }
    Console.result()
    var table = TextTable(["class", "videos", "within", "to others"])
    for item in figures.classes {
      table.add([item.name, "\(item.videos)", cosine(item.within), cosine(item.toOthers)])
    }
    for row in table.lines { Console.result(row) }
  }
}
