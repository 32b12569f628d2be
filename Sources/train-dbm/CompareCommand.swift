import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Pipeline
import Records

struct CompareCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Trains several models on one workspace and sets them side by side on a split.",
    discussion: """
      All models see the same features, labels and seeds. Runs are trained side by side as far as \
      memory allows, finished ones are kept, interrupted ones continued, and scores that are there \
      are not computed again. The result is a table, report/compare.json, compare.csv, and \
      report/compare.html with the curves of all models over every video. A run that fails, or \
      lacks descriptions, is named in the table, and the others go on.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var text: TrainTextOptions

  @Option(
    help: ArgumentHelp(
      "The detectors, separated by commas: names of 'train-dbm models'. (default: all)",
      valueName: "list"))
  var models: String = ""

  @Option(
    help: ArgumentHelp(
      "Presets and ablations, separated by commas; 'model:preset' is of that model, another one "
        + "of every model. (default: for each model the base that fits the features)",
      valueName: "list"))
  var presets: String = ""

  @OptionGroup var settings: SettingOptions
  @OptionGroup var plan: PlanOptions

  @Option(help: "The split that is evaluated.")
  var split: VideoSplit = .test

  @Flag(help: "The result as JSON.")
  var json = false

  func execute() async throws {
    let options = ComparisonOptions(
      models: models.split(separator: ",").map(String.init),
      presets: presets.split(separator: ",").map(String.init),
      training: plan.options(sets: settings.settings), split: split.name)
    // Wrong settings are refused before anything is opened.
    _ = try options.plan()
    let (dataset, workspace) = try workspace.open(dataset)
    let interruption = RunOptions.listen()
    let result = try ComparisonStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: text.sources(visual: visual), options: options
    ).run(reporter: .console(), stop: interruption.stop)
    guard let result else {
      Console.note("interrupted: the same command again continues")
      throw CommandExit.interrupted
    }
    try show(result, in: workspace.root)
    if result.comparison.hasFailures { throw CommandExit.someItemsFailed }
  }

  private func show(_ result: ComparisonOutcome, in root: URL) throws {
    let comparison = result.comparison
    if json {
      Console.result(try JSONRecord.encode(comparison))
      return
    }
    var table = TextTable(comparison.tableTitles)
    for row in comparison.tableRows { table.add(row) }
    for line in table.lines { Console.result(line) }
    for line in comparison.failures { Console.result(line) }
    Console.result(
      "\(comparison.videos) videos, \(comparison.frames) frames, "
        + "\(comparison.positiveFrames) in events")
    for line in comparison.sentences + comparison.notes { Console.result(line) }
    if let page = result.page { Console.result("page: \(page.path)") }
  }
}
