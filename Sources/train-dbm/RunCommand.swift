import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Pipeline
import Records

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Trains on the training split; extracts snippet features that are missing.",
    discussion: """
      Only video-level labels and descriptions of training videos are used. Each seed and \
      preset is a run of its own in runs/<id>/: checkpoint.safetensors, config.json, \
      steps.jsonl, metrics.jsonl and a TensorBoard event file. The weights of the last epoch \
      are kept: nothing is chosen on test data.

      Run it again to continue what was interrupted (state.safetensors) and to skip what is \
      finished with equal settings and data; --fresh starts over.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var text: TrainTextOptions
  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Runs at once, as far as memory allows.", valueName: "n"))
  var jobs: Int = Parallel.cores

  @Option(help: ArgumentHelp("How many seeds.", valueName: "n"))
  var seeds: Int = 1

  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The share of training videos held out to validate every epoch; whole scenes.",
      valueName: "0...0.9"))
  var holdOut: Double = 0

  @Option(
    help: ArgumentHelp(
      "Parts of the training videos, each scored by one more model that is trained without it; "
        + "they give the threshold of detect. 0: none. (default: 4; with --hold-out 0, and the "
        + "held-out videos give it)", valueName: "n"))
  var folds: Int?

  @Option(help: ArgumentHelp("Save unfinished training this often.", valueName: "minutes"))
  var saveEvery: Double = 5

  @Flag(help: "Train again what is finished or interrupted.")
  var fresh = false

  @Flag(help: "Leave out listed training videos without a file or features.")
  var allowMissing = false

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
    guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1, found \(seeds)") }
    guard 0...0.9 ~= holdOut else {
      throw ValidationError("--hold-out must be from 0 to 0.9, found \(holdOut)")
    }
    guard folds.map({ $0 == 0 || 2...20 ~= $0 }) ?? true else {
      throw ValidationError("--folds must be 0, or from 2 to 20, found \(folds ?? 0)")
    }
    guard saveEvery >= 0 else {
      throw ValidationError("--save-every must be 0 or more, found \(saveEvery)")
    }
    guard !model.presets.isEmpty else { throw ValidationError("--preset names no preset") }
  }

  func execute() async throws {
    let options = TrainingOptions(
      model: model.model, presets: model.presets, sets: model.settings, seeds: seeds,
      firstSeed: seed, holdOut: holdOut, folds: folds, jobs: jobs,
      saveEvery: .seconds(saveEvery * 60),
      isFresh: fresh, allowsMissing: allowMissing)
    // Wrong settings are refused before anything is opened.
    try options.checkSettings()
    let (dataset, workspace) = try workspace.open(dataset)
    let interruption = Interruption()
    interruption.listen(
      remark: "saving after the step under way; again to stop now, without the steps since the "
        + "last save")
    let summary = try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: TrainingSources(
        visual: visual.source(), descriptions: text.descriptions(visual: visual.clip),
        labels: text.labels(visual: visual.clip), textFeaturesKey: text.textFeatures),
      options: options
    ).run(reporter: .console(), stop: interruption.stop)
    show(summary)
    if interruption.isDraining { throw CommandExit.interrupted }
    if summary.hasFailures { throw CommandExit.someItemsFailed }
  }

  private func show(_ summary: TrainingSummary) {
    if summary.isUpToDate {
      Console.note(
        "nothing to do: all \(summary.runs.count) runs are finished with these settings and "
          + "data (--fresh trains again)")
    }
    let terms = Set(summary.runs.compactMap(\.record).flatMap(\.finalLosses.keys))
      .subtracting(["total"]).sorted()
    var table = TextTable(
      ["run", "state", "videos", "epochs", "steps", "loss"] + terms + ["seconds"])
    for run in summary.runs {
      guard let record = run.record else {
        table.add(
          [run.id, run.state.rawValue, "-", "-", "-", "-"] + terms.map { _ in "-" } + ["-"])
        continue
      }
      func loss(_ name: String) -> String {
        record.finalLosses[name].map { String(format: "%.4f", $0) } ?? "-"
      }
      table.add(
        [
          run.id, run.state.rawValue, "\(record.trainVideos)", "\(record.epochs)",
          "\(record.steps)", loss("total"),
        ] + terms.map(loss) + [String(format: "%.1f", record.seconds)])
    }
    for line in table.lines { Console.result(line) }
    if let page = summary.page { Console.result("training page: \(page.path)") }
    if summary.runs.contains(where: { $0.state == .stopped }) {
      Console.note("interrupted: the same command again continues")
    }
  }
}
