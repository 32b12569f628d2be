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

  @OptionGroup var plan: PlanOptions

  func validate() throws {
    guard !model.presets.isEmpty else { throw ValidationError("--preset names no preset") }
  }

  func execute() async throws {
    var options = plan.options(sets: model.settings)
    options.model = model.model
    options.presets = model.presets
    // Wrong settings are refused before anything is opened.
    try options.checkSettings()
    let (dataset, workspace) = try workspace.open(dataset)
    let interruption = RunOptions.listen()
    let summary = try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: text.sources(visual: visual),
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
