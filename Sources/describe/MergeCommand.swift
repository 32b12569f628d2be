import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Records
import Workspaces

struct MergeCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merges other workspaces' ledgers and selections into one workspace.",
    discussion: """
      For machines that each described a part (--shard). Existing records stay, and missing ones \
      are added; merging the same workspace again changes nothing. A video whose file differs \
      between the workspaces is left out and named, with exit code 2. Text features are not \
      merged: run embed again. A missing --workspace is created.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("The workspaces to merge.", valueName: "workspace"))
  var sources: [String]

  @OptionGroup var workspace: WorkspaceOptions

  @Flag(help: "JSON on stdout.")
  var json = false

  func execute() async throws {
    let sources = try sources.map { try Workspace.open(at: URL(fileURLWithPath: $0)) }
    let target =
      if let folder = workspace.workspace, let first = sources.first {
        try WorkspaceMerge.target(at: URL(fileURLWithPath: folder), like: first)
      } else {
        try workspace.open()
      }
    let ledger = try target.openLedger()
    var summaries: [WorkspaceMerge.Summary] = []
    for source in sources {
      summaries.append(try WorkspaceMerge.join(source, into: target, ledger: ledger))
    }
    try DescriptionExport.write(ledger, to: target.descriptionsFile)
    if json {
      Console.result(try JSONRecord.encode(summaries))
    } else {
      show(summaries, target: target, described: try ledger.counts().describedVideos)
    }
    guard summaries.allSatisfy(\.ledger.conflicts.isEmpty) else {
      throw CommandExit.someItemsFailed
    }
  }

  private func show(_ summaries: [WorkspaceMerge.Summary], target: Workspace, described: Int) {
    var table = TextTable([
      "from", "videos", "selections", "requests", "attempts", "descriptions", "on both sides",
    ])
    for summary in summaries {
      let added = summary.ledger
      table.add([
        summary.source, "\(added.videos)", "\(added.selections)", "\(added.requests)",
        "\(added.attempts)", "\(added.descriptions)", "\(added.answeredOnBothSides)",
      ])
    }
    for line in table.lines { Console.result(line) }
    Console.result("\(target.root.path): \(described) videos described")
    for summary in summaries {
      for video in summary.ledger.conflicts {
        Console.warning("\(video): a different file in \(summary.source); left out")
      }
      if summary.missingRecords > 0 {
        Console.warning(
          "\(summary.source): \(summary.missingRecords) selection records are missing")
      }
    }
  }
}
