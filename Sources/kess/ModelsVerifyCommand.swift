import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import ModelHub

struct ModelsVerifyCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compares a model's files with the hashes that the hub recorded for them.",
    discussion: """
      The hash is the name of the file in the cache, or in the metadata of 'hf download \
      --local-dir'. Files without a recorded hash are only checked for being usable.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("A model in the cache, or a folder.", valueName: "id|dir"))
  var model: String

  func execute() async throws {
    let directory = try ModelLocator.resolve(model)
    let entries = HubVerification(of: directory).entries
    var table = TextTable(["file", "verified"])
    var failures = 0
    for entry in entries {
      let verdict: String
      switch entry.outcome {
      case .matches: verdict = "yes"
      case .unrecorded: verdict = "no record"
      case .differs(let found, let recorded):
        failures += 1
        verdict = "NO: \(found.prefix(12))..., recorded \(recorded.prefix(12))..."
      case .unreadable(let reason):
        failures += 1
        verdict = "NO: \(reason)"
      }
      table.add([entry.path, verdict])
    }
    for line in table.lines { Console.result(line) }
    if let problem = ModelInspection(of: directory).problem {
      Console.warning("not usable: \(problem)")
    }
    guard failures == 0 else {
      Console.error(
        "\(directory.path): \(failures) of \(entries.count) files differ from the record; "
          + "delete them and run kess models get")
      throw CommandExit.someItemsFailed
    }
  }
}
