import ArgumentParser
import CommandSupport
import Workspaces

struct ExportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes descriptions.jsonl anew from the ledger.",
    discussion: CommandExit.help)

  @OptionGroup var workspace: WorkspaceOptions

  func execute() async throws {
    let workspace = try workspace.open()
    try DescriptionExport.write(workspace.openLedger(), to: workspace.descriptionsFile)
    Console.result(workspace.descriptionsFile.path)
  }
}
