import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Records
import Workspaces

struct SummaryCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "What each stage of a workspace did, with what, and how the detector does.",
    discussion: CommandExit.help)

  @OptionGroup var workspace: WorkspaceOptions

  func execute() async throws {
    let workspace = try workspace.open()
    var table = TextTable(["stage", "what was used", "items", "failed", "seconds"])
    for stage in try StageLog.read(from: workspace).stages {
      table.add([
        stage.stage, (stage.isBuiltIn ? "built-in: " : "") + stage.used,
        "\(stage.items) \(stage.itemName)", "\(stage.failed)",
        String(format: "%.1f", stage.seconds),
      ])
    }
    for line in table.lines { Console.result(line) }
    let file = EvaluationSummary.file(in: workspace)
    if FileManager.default.fileExists(atPath: file.path) {
      let summary = try JSONRecord.read(EvaluationSummary.self, from: file)
      Console.result()
      Console.result(
        "held-out: \(summary.videos) videos, \(summary.frames) frames, "
          + "\(summary.positiveFrames) of them in events")
      for line in summary.table.lines { Console.result(line) }
      if let finding = summary.finding { Console.result(finding) }
    }
    let page = workspace.reportFolder.appendingPathComponent("report.html")
    if FileManager.default.fileExists(atPath: page.path) {
      Console.result()
      Console.result("report: \(page.path)")
    }
  }
}
