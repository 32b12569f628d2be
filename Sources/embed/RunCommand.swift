import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import Workspaces

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Embeds every text without a vector: new and changed descriptions.",
    discussion: """
      A description over the encoder's limit (77 tokens for CLIP) is cut into pieces of whole \
      sentences, whose unit vectors are averaged by length: no word is lost, and the number of such \
      descriptions is reported. A video has one present description, which is embedded and which \
      training and reports use: the newest answer, until --describer chooses another describer's. \
      See Documentation/embed.md.

      \(CommandExit.help)
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var text: TextOptions
  @OptionGroup var recipe: TextRecipeOptions
  @OptionGroup var levels: LevelOptions

  @Option(
    help: ArgumentHelp(
      "First make this describer's descriptions the present ones: a model, or the name of an "
        + "import. Videos without one keep theirs.", valueName: "name"))
  var describer: String?

  @Flag(help: "Keep a vector for each piece of a description over the limit, too.")
  var keepPieces = false

  @Option(
    help: ArgumentHelp(
      "The longest time until finished vectors are stored: what a crash may cost.",
      valueName: "seconds"))
  var storeEvery: Double = 60

  @Flag(help: "The summary as JSON.")
  var json = false

  /// What `--json` prints.
  private struct Summary: Encodable {
    let key: String
    let recipe: TextFeatureRecipe
    let texts: TextFeatureCache.Summary
  }

  func validate() throws {
    guard storeEvery >= 0 else {
      throw ValidationError("--store-every must not be negative, found \(storeEvery)")
    }
  }

  func execute() async throws {
    let workspace = try workspace.open()
    let ledger = try workspace.openLedger()
    var options = EmbeddingStage.Options()
    options.levels = levels.all
    options.keepsPieces = keepPieces
    options.longestWaitSeconds = storeEvery
    options.describer = describer
    let stage = try EmbeddingStage(workspace: workspace, ledger: ledger, options: options) {
      try levels.classes(of: workspace)
    }
    if stage.describers.count > 1 {
      Console.note(
        "descriptions of several describers: "
          + stage.describers.map { "\($0.presentVideos) by \($0.name)" }.joined(separator: ", "))
    }
    let interruption = Interruption()
    interruption.listen()
    MatrixThreads.set(Parallel.cores)
    let encoder = try text.textEncoder()
    let result = try stage.run(
      encoder: encoder, recipe: recipe.recipe(of: encoder), reporter: .console(),
      stop: interruption.stop)
    let (cache, summary) = (result.cache, result.summary)
    warn(summary)
    if json {
      Console.result(
        try JSONRecord.encode(Summary(key: cache.key, recipe: cache.recipe, texts: summary)))
    } else {
      show(summary, limit: encoder.maximumTokens)
      Console.result("\(cache.recipe) in \(cache.folder.path)")
    }
    if summary.wasStopped { throw CommandExit.interrupted }
    if !summary.failures.isEmpty { throw CommandExit.someItemsFailed }
  }

  private func warn(_ summary: TextFeatureCache.Summary) {
    for name in summary.damagedShards {
      Console.warning("\(name): damaged or missing; its texts were embedded again")
    }
    let shown = 10
    for failure in summary.failures.prefix(shown) { Console.warning(failure) }
    if summary.failures.count > shown {
      Console.warning("and \(summary.failures.count - shown) more (--json names all)")
    }
  }

  private func show(_ summary: TextFeatureCache.Summary, limit: Int?) {
    let total = summary.embedded + summary.kept
    func percent(_ count: Int) -> String {
      String(format: "%.1f %%", 100 * Double(count) / Double(max(1, total)))
    }
    let failed = summary.failures.isEmpty ? "" : ", \(summary.failures.count) failed"
    Console.result("\(summary.embedded) embedded, \(summary.kept) kept\(failed)")
    guard let limit else { return }
    Console.result(
      "\(summary.overLimit) over the limit of \(limit) tokens (\(percent(summary.overLimit))), "
        + "\(summary.truncated) cut short (\(percent(summary.truncated)))")
    if summary.counted > 0 {
      Console.result(
        "tokens: \(summary.tokensBefore), of which \(summary.tokensRead) read; "
          + "the longest text has \(summary.longestTokens)")
    }
  }
}
