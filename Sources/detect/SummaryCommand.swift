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
      Self.show(summary)
    }
    let page = workspace.reportFolder.appendingPathComponent("report.html")
    if FileManager.default.fileExists(atPath: page.path) {
      Console.result()
      Console.result("report: \(page.path)")
    }
  }

  /// An evaluation as a table and its finding.
  static func show(_ summary: EvaluationSummary) {
    show(summary.rowTitles, summary.rows)
    Console.result(
      "\(summary.videos) videos, \(summary.frames) frames, \(summary.positiveFrames) in events")
    for sentence in summary.alarmSentences { Console.result(sentence) }
    for comparison in summary.comparisons { Console.result(comparison.sentence) }
    if let reason = summary.segmentReason { Console.result(reason) }
    guard !summary.segmentRows.isEmpty else { return }
    Console.result()
    show(summary.segmentTitles, summary.segmentRows)
    for variant in summary.variants {
      let rows = summary.segmentClassRows(of: variant)
      guard !rows.isEmpty else { continue }
      Console.result()
      if summary.variants.count > 1 { Console.result("\(summary.label(of: variant)):") }
      show(EvaluationSummary.segmentClassTitles, rows)
    }
    if let note = summary.segmentNote { Console.result(note) }
  }

  private static func show(_ titles: [String], _ rows: [[String]]) {
    var table = TextTable(titles)
    for row in rows { table.add(row) }
    for line in table.lines { Console.result(line) }
  }
}
