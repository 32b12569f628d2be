import Foundation
import TestSupport
import Testing

/// No command declares an option twice: the parser would fill one of them and leave the other.
@Suite(.blocking) struct OptionNamesTests {
  private struct Dump: Decodable { var command: Command }

  private struct Command: Decodable {
    var commandName: String
    var arguments: [Argument]?
    var subcommands: [Command]?
  }

  private struct Argument: Decodable { var names: [Name]? }

  private struct Name: Decodable, Hashable {
    var kind: String
    var name: String
  }

  @Test(arguments: ["kess", "describe", "embed", "train-dbm", "detect", "bench"])
  func onceEach(program: String) throws {
    let run = try CommandRun.run(
      program, ["--experimental-dump-help"], in: FileManager.default.temporaryDirectory)
    let dump = try JSONDecoder().decode(Dump.self, from: Data(run.standardOutput.utf8))
    var options = 0
    func check(_ command: Command, _ path: String) {
      let names = (command.arguments ?? []).flatMap { $0.names ?? [] }
      options += names.count
      for (name, uses) in Dictionary(grouping: names, by: \.self) where uses.count > 1 {
        Issue.record("\(path) declares \(name.name) \(uses.count) times")
      }
      for inner in command.subcommands ?? [] { check(inner, "\(path) \(inner.commandName)") }
    }
    check(dump.command, program)
    #expect(options > 10, "\(program): the help lists \(options) options")
  }
}
