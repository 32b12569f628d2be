import ArgumentParser
import CommandSupport
import Descriptions
import Foundation
import Pipeline
import Records
import Workspaces

struct VerifyCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks that the ledger, the videos' hashes, the selections and the export agree.",
    discussion: """
      Changes nothing, and may run during 'describe run'. A note (an outdated export, interrupted \
      attempts) is no finding. Exit code 2 if something does not agree.

      \(CommandExit.help)
      """)

  @OptionGroup var workspace: WorkspaceOptions

  @Flag(help: "Hash a video only if its size or modification time differs.")
  var quick = false

  @Flag(help: "Do not check the videos, for example if their disk is not mounted.")
  var skipVideos = false

  @Flag(help: "JSON on stdout.")
  var json = false

  func execute() async throws {
    let workspace = try workspace.open()
    guard FileManager.default.fileExists(atPath: workspace.ledgerFile.path) else {
      throw PipelineError.notReady(
        subject: workspace.ledgerFile.path, finding: "no ledger", remedy: "describe first")
    }
    let ledger = try workspace.openLedger()
    var results = [try LedgerCheck.run(ledger)]
    if !skipVideos { results.append(try VideoFileCheck.run(ledger, isQuick: quick)) }
    results.append(try SelectionCheck.run(ledger, workspace: workspace))
    results.append(try ExportCheck.run(ledger, file: workspace.descriptionsFile))
    if json {
      Console.result(try JSONRecord.encode(results))
    } else {
      show(results)
    }
    guard results.allSatisfy(\.isClean) else { throw CommandExit.someItemsFailed }
  }

  private func show(_ results: [CheckResult]) {
    var table = TextTable(["checked", "examined", "state"])
    for result in results {
      table.add([
        result.name, "\(result.examined)",
        result.isClean ? "agrees" : "\(result.findings.count) findings",
      ])
    }
    for line in table.lines { Console.result(line) }
    for result in results {
      for finding in result.findings {
        Console.result(
          "\(result.name): \(finding.subject): found \(finding.found), expected \(finding.expected)"
        )
      }
    }
    for result in results {
      for note in result.notes { Console.note("\(result.name): \(note)") }
    }
  }
}
