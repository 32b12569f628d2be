import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import ModelHub
import Records

struct ModelsListCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "The models in the cache and the one that KESS_CLIP_MODEL names, and whether each can be used.",
    discussion: CommandExit.help)

  @Flag(help: "JSON on stdout.")
  var json = false

  func execute() async throws {
    let models = KnownModel.all()
    if json { return Console.result(try JSONRecord.encode(models)) }
    guard !models.isEmpty else {
      Console.note(
        "no models in \(HubCache.find().root.path); fetch one with kess models get "
          + "openai/clip-vit-base-patch16")
      return
    }
    var table = TextTable(["model", "revision", "kind", "MB", "weights", "usable"])
    for model in models {
      table.add([
        model.model, model.revision, model.kind, "\(model.bytes / 1_000_000)",
        model.precision ?? "-", model.problem ?? "yes",
      ])
    }
    for line in table.lines { Console.result(line) }
  }
}
