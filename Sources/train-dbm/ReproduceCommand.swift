import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import Pipeline
import Records
import Workspaces

extension ReproductionProtocol: ExpressibleByArgument {}

struct ReproduceCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "A paper's protocol from released features and official lists, in one command.",
    discussion: """
      Imports the features (as kess features import), compares lists and files with the published \
      counts, trains the model with its preset for the data set, evaluates, and prints each figure \
      beside the published one, with the steps that differ from the published protocol. A list or \
      folder of other counts is refused unless --allow-partial is given. Finished steps are \
      skipped, and an interrupted one goes on.

      --protocol fixed keeps the last epoch's weights. --protocol legacy keeps those that are \
      best on the test set, as the authors' code does: its figures are comparable with theirs, and \
      estimate nothing. Everything that it writes says so.

      \(CommandExit.help)
      """)

  enum Source: String, ExpressibleByArgument, CaseIterable {
    case ucf, xd
  }

  @Argument(help: ArgumentHelp("The data set.", valueName: "ucf|xd"))
  var dataset: Source

  @Option(help: ArgumentHelp("The folder with .npy files, searched recursively.", valueName: "dir"))
  var features: String

  @Option(
    help: ArgumentHelp(
      "The folder with the official lists and the temporal annotation, searched recursively.",
      valueName: "dir"))
  var lists: String

  @Option(
    help: ArgumentHelp("The detector: a name of 'train-dbm models'.", valueName: "name"))
  var model: String = "vadclip"

  @Option(
    help: ArgumentHelp(
      "Ablations of it, joined by '+'. (default: none)", valueName: "list"))
  var preset: String = ""

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("Which weights are kept.", valueName: "fixed|legacy"))
  var selection: ReproductionProtocol = .fixed

  @Flag(help: "Take lists and features that differ from the published ones.")
  var allowPartial = false

  @OptionGroup var settings: SettingOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var resources: ResourceOptions
  @OptionGroup var clip: CLIPOptions
  @OptionGroup var text: TrainTextOptions
  @OptionGroup var runs: RunOptions

  @Flag(help: "The result as JSON.")
  var json = false

  func execute() async throws {
    let folders = try resources.folders()
    guard
      let descriptor = try DatasetCatalog.descriptor(
        named: dataset.rawValue, in: folders.datasets)
    else {
      throw CommandError.badValue(
        option: "the data set", found: dataset.rawValue,
        expected: "a name in \(folders.datasets.path)")
    }
    let root =
      workspace.workspace.map { URL(fileURLWithPath: $0) }
      ?? Workspace.defaultRoot(dataset: "\(descriptor.name)-released")
    let space = try Workspace.create(at: root, dataset: descriptor.name, root: nil)
    let interruption = RunOptions.listen()
    let result = try ReproductionStage(
      descriptor: descriptor, workspace: space,
      descriptions: text.descriptions(visual: clip), labels: text.labels(visual: clip),
      options: ReproductionOptions(
        features: URL(fileURLWithPath: features), lists: URL(fileURLWithPath: lists),
        model: model, ablations: preset, selection: selection, allowsPartial: allowPartial,
        training: runs.options(sets: settings.settings))
    ).run(resources: folders, reporter: .console(), stop: interruption.stop)
    guard let result else {
      Console.note("interrupted: the same command again continues")
      throw CommandExit.interrupted
    }
    try show(result, in: space)
    if !result.failures.isEmpty { throw CommandExit.someItemsFailed }
  }

  private func show(_ result: Reproduction, in workspace: Workspace) throws {
    if json {
      Console.result(try JSONRecord.encode(result))
      return
    }
    Console.result(
      "\(result.model) (\(result.presets.joined(separator: "+"))) on \(result.dataset), protocol "
        + "\(result.selection.rawValue), \(result.seeds.count) "
        + "\(result.seeds.count == 1 ? "seed" : "seeds")")
    var table = TextTable(Reproduction.titles)
    for row in result.rows { table.add(row) }
    for line in table.lines { Console.result(line) }
    for line in result.lines { Console.result(line) }
    Console.result(
      "report: \(workspace.reportFolder.appendingPathComponent("report.html").path)")
  }
}
