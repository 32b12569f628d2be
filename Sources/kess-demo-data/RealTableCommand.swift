import ArgumentParser
import CommandSupport
import DemoData
import Foundation

/// The table of `make real`.
struct RealTableCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "real-table",
    abstract: "The results of make real as one table: a row per figure, a column per shuffle.",
    discussion: "Documentation/real.md explains the rows.\n\n\(CommandExit.help)")

  @Argument(help: "The folder that make real filled.")
  var folder: String = "real"

  func execute() async throws {
    Console.result(try RealTable(URL(fileURLWithPath: folder)).text)
  }
}
