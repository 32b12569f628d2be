import ArgumentParser
import CommandSupport
import Foundation
import Records
import Workspaces

struct FailedCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "failed",
    abstract: "Lists the videos whose last attempt failed, with the cause.",
    discussion: """
      'describe retry' describes them again, and so does the next run over all videos. A video \
      that failed with another prompt, model or sampling is listed too, although its earlier \
      description stays. Videos that a lost server or a stop left undone are not listed: the \
      next run describes them.

      \(CommandExit.help)
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var ledgerOptions: LedgerOptions

  @Flag(help: "JSON on stdout, dates in ISO 8601.")
  var json = false

  func execute() async throws {
    let failures = try workspace.open().openLedger().failures(
      split: ledgerOptions.split.name, limit: ledgerOptions.limit.most)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      encoder.dateEncodingStrategy = .iso8601
      Console.result(try encoder.encode(failures) + Data([0x0A]))
      return
    }
    guard !failures.isEmpty else {
      Console.result("nothing failed")
      return
    }
    var table = TextTable([
      "video", "split", "stage", "tries", "HTTP", "cause", "last tried", "reason",
    ])
    for failure in failures {
      table.add([
        failure.videoID, failure.split ?? "-", failure.stage.rawValue, "\(failure.tries)",
        failure.httpStatus.map { "\($0)" } ?? "-", failure.cause?.rawValue ?? "-",
        failure.lastTried.ISO8601Format(), failure.error,
      ])
    }
    for line in table.lines { Console.result(line) }
  }
}
