import ArgumentParser
import CommandSupport
import Foundation
import Workspaces

struct ExportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Exports the descriptions: JSON lines, a table, or a hub folder.",
    discussion: """
      jsonl: descriptions.jsonl in the workspace, one object per line with sorted keys. csv: \
      descriptions.csv, a header and one row per description. hf: the folder descriptions.hub \
      for Python's datasets.load_dataset("<folder>"), with the same splits. \
      A part of the descriptions (--split, --limit) needs --out. Existing files are replaced \
      atomically.

      \(CommandExit.help)
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, csv, hf

    var defaultName: String {
      switch self {
      case .jsonl: "descriptions.jsonl"
      case .csv: "descriptions.csv"
      case .hf: "descriptions.hub"
      }
    }
  }

  @OptionGroup var workspace: WorkspaceOptions

  @Option(help: "jsonl, csv or hf.")
  var format: Format = .jsonl

  @Option(help: ArgumentHelp("Where to write. (default: in the workspace)", valueName: "path"))
  var out: String?

  @OptionGroup var ledgerOptions: LedgerOptions

  func validate() throws {
    guard out != nil || ledgerOptions.isWhole else {
      throw ValidationError(
        "--split and --limit export a part: name its file with --out, to keep the whole export")
    }
  }

  func execute() async throws {
    let workspace = try workspace.open()
    let ledger = try workspace.openLedger()
    let target =
      out.map { URL(fileURLWithPath: $0) }
      ?? workspace.root.appendingPathComponent(format.defaultName)
    let (split, limit) = (ledgerOptions.split.name, ledgerOptions.limit.most)
    switch format {
    case .jsonl: try DescriptionExport.write(ledger, to: target, split: split, limit: limit)
    case .csv: try DescriptionTable.write(ledger, to: target, split: split, limit: limit)
    case .hf:
      try HubDataset.write(
        ledger, to: target, name: workspace.manifest.dataset, split: split, limit: limit)
    }
    Console.result(target.path)
  }
}
