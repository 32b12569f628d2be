import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Records
import Tensors
import Workspaces

/// Embeds a workspace's descriptions.
@main
struct EmbedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Text features of the descriptions.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [RunCommand.self],
    defaultSubcommand: RunCommand.self)
}

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Embeds every description that has no features yet, or has changed.",
    discussion: """
      A description over the encoder's limit (77 tokens for CLIP) is cut into sentence chunks, \
      whose unit vectors are averaged by length: no word is lost.

      \(CommandExit.help)
      """)

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var text: TextOptions

  @Flag(help: "The summary as JSON.")
  var json = false

  func execute() async throws {
    let workspace = try workspace.open()
    let ledger = try workspace.openLedger()
    let descriptions = try ledger.descriptions()
    guard !descriptions.isEmpty else {
      throw CommandError.notReady(
        subject: workspace.root.path, finding: "no descriptions yet", remedy: "run describe first")
    }
    MatrixThreads.set(VideoWorkers.defaultJobs)
    let start = ContinuousClock.now
    let encoder = try text.textEncoder()
    let store = try TextFeatureStore(
      workspace: workspace, ledger: ledger, identity: encoder.identity)
    let summary = try store.add(
      descriptions.map { (owner: $0.videoID, text: $0.text) }, encoder: encoder)
    try StageLog.write(
      StageRecord(
        stage: "embed", isBuiltIn: encoder.identity.kind == "builtin",
        used: encoder.identity.description, items: descriptions.count, itemName: "descriptions",
        kept: summary.kept, seconds: (ContinuousClock.now - start) / .seconds(1)), to: workspace)
    if json {
      Console.result(try JSONRecord.encode(summary))
      return
    }
    Console.result(
      "\(summary.embedded) embedded, \(summary.kept) kept; \(summary.chunked) over the limit of "
        + "\(encoder.maximumTokens.map(String.init) ?? "no") tokens, cut into sentences")
    Console.result("\(encoder.identity) in \(workspace.textFeaturesFolder(key: store.key).path)")
  }
}
