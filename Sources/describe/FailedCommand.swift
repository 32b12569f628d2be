import ArgumentParser
import CommandSupport
import Foundation
import Records
import Workspaces

struct FailedCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "failed",
    abstract: "The videos whose last try failed, each with its cause.",
    discussion: """
      'describe retry' asks them again, and so does the next run over all. Videos that are asked \
      about anew (another prompt, model or sampling) are listed too, though the description of \
      the earlier question stays. What a lost server or a stop left is not: the next run asks it.

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
