import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import HTTP
import ModelHub
import Synchronization

struct ModelsGetCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Fetches a model's configuration, tokenizer and best weights into the cache.",
    discussion: """
      Safetensors are preferred over PyTorch files. An interrupted fetch is resumed; every file \
      is verified against the hash in the hub's metadata. Private and gated \
      models need HF_TOKEN, or the token file that 'hf auth login' writes.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("The model.", valueName: "org/name[@revision]"))
  var id: String

  @Option(
    help: ArgumentHelp(
      "The hub. (default: HF_ENDPOINT, else \(HubClient.defaultEndpoint))", valueName: "url"))
  var endpoint: String?

  func validate() throws {
    do {
      _ = try HubModelID(id)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func execute() async throws {
    let client = try HubClient(endpoint: endpoint, client: HTTPClient())
    let lines = ModelProgress()
    let result = try await HubModelDownload(client: client, cache: .find()).fetch(
      HubModelID(id), progress: lines.show)
    lines.finish()
    let inspection = ModelInspection(of: result.directory)
    Console.result(result.directory.path)
    if let problem = inspection.problem {
      Console.warning("fetched and verified, but not usable here: \(problem)")
    }
  }
}

/// One progress line per file, in megabytes.
private final class ModelProgress: Sendable {
  private struct State {
    var path: String?
    var shown = 0
    var line: ProgressLine?
  }

  private static let unitBytes = 1_000_000
  private let state = Mutex(State())

  func show(_ progress: HubModelDownload.Progress) {
    state.withLock { state in
      if state.path != progress.file.path {
        state.line?.finish()
        let total = progress.file.byteCount / Self.unitBytes
        state = State(
          path: progress.file.path, shown: progress.bytes / Self.unitBytes,
          line: total > 0
            ? ProgressLine(
              progress.file.path, total: total, itemName: "MB",
              alreadyDone: progress.bytes / Self.unitBytes) : nil)
      }
      let units = progress.bytes / Self.unitBytes
      if units > state.shown { state.line?.advance(by: units - state.shown) }
      state.shown = units
    }
  }

  func finish() { state.withLock { $0.line?.finish() } }
}
