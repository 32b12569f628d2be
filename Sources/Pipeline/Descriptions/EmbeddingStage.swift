import Datasets
import DescriptionFeatures
import Encoders
import Foundation
import Records
import Workspaces

/// Embeds the descriptions of a workspace, and the class prompts of its data set if they are
/// asked for: every text without a vector.
public struct EmbeddingStage {
  public struct Options: Sendable {
    /// What of a description is embedded.
    public var levels: Set<TextLevel> = [.whole]
    /// Whether to keep a vector for each piece of a text over the encoder's limit too.
    public var keepsPieces = false
    /// The longest time that finished vectors wait to be stored: what a crash may cost.
    public var longestWaitSeconds = 60.0
    /// The describer whose descriptions become the present ones first; nil to embed what is
    /// present.
    public var describer: String?

    public init() {}
  }

  public struct Result {
    public var cache: TextFeatureCache
    public var summary: TextFeatureCache.Summary
  }

  private let workspace: Workspace
  private let ledger: Ledger
  private let options: Options
  private let descriptions: Int
  /// The describers of the present descriptions.
  public let describers: [LedgerDescriber]
  private let texts: [TextsToEmbed]

  /// - Parameter classes: the classes whose prompts are embedded; called only if `levels`
  ///   contains `.classPrompt`.
  /// - Throws: `PipelineError.notReady` if the workspace has no descriptions, or none of the
  ///   named describer, and the errors of `classes`.
  public init(
    workspace: Workspace, ledger: Ledger, options: Options = Options(),
    classes: () throws -> [ClassDescriptor] = { [] }
  ) throws {
    if let name = options.describer { try Self.choose(name, workspace: workspace, ledger: ledger) }
    let descriptions = try ledger.descriptions()
    guard !descriptions.isEmpty else {
      throw PipelineError.notReady(
        subject: workspace.root.path, finding: "no descriptions yet", remedy: "run describe first")
    }
    var texts = descriptions.map {
      TextsToEmbed(videoID: $0.videoID, description: $0.text, levels: options.levels)
    }
    if options.levels.contains(.classPrompt) {
      texts += try classes().map { TextsToEmbed(className: $0.name, prompts: $0.prompts) }
    }
    self.workspace = workspace
    self.ledger = ledger
    self.options = options
    self.descriptions = descriptions.count
    describers = try ledger.describers().filter { $0.presentVideos > 0 }
    self.texts = texts
  }

  /// Makes a describer's descriptions the present ones, and writes the export anew.
  private static func choose(_ name: String, workspace: Workspace, ledger: Ledger) throws {
    guard let chosen = try ledger.makePresent(describer: name) else {
      let known = try ledger.describers().map(\.name)
      // Without any, the stage says that nothing is described yet.
      if known.isEmpty { return }
      throw PipelineError.notReady(
        subject: workspace.root.path, finding: "no descriptions by '\(name)'",
        remedy: "name one of: \(known.joined(separator: ", "))")
    }
    if chosen.changed > 0 { try DescriptionExport.write(ledger, to: workspace.descriptionsFile) }
  }

  /// Embeds what has no vector yet, and writes the stage's record.
  ///
  /// - Throws: `DescriptionFeatureError`, `EncoderError`, `WorkspaceError`, `RecordError`.
  public func run(
    encoder: any TextEncoder, recipe: TextFeatureRecipe, reporter: StageReporter = .silent,
    stop: StopSignal = StopSignal()
  ) throws -> Result {
    let start = ContinuousClock.now
    let cache = try TextFeatureCache(workspace: workspace, ledger: ledger, recipe: recipe)
    reporter.begin(
      "embed", total: texts.count,
      itemName: options.levels.contains(.classPrompt) ? "videos and classes" : "videos")
    var adding = TextFeatureCache.AddingOptions()
    adding.keepsPieces = options.keepsPieces
    adding.longestWaitSeconds = options.longestWaitSeconds
    adding.shouldStop = { stop.isRequested }
    adding.onProgress = { reporter.advance(by: $0) }
    let summary = try cache.add(texts, encoder: encoder, options: adding)
    reporter.end(needsSummary: summary.embedded > 0)
    try StageLog.write(
      StageRecord(
        stage: "embed", isBuiltIn: encoder.identity.kind == "builtin",
        used: encoder.identity.description, items: descriptions, itemName: "descriptions",
        kept: summary.kept, failed: summary.failures.count,
        seconds: (ContinuousClock.now - start) / .seconds(1)), to: workspace)
    return Result(cache: cache, summary: summary)
  }
}
