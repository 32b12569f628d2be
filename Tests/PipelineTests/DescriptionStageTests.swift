import Datasets
import DescriptionFeatures
import Descriptions
import Encoders
import Foundation
import KeyEvents
import Pipeline
import Records
import TestSupport
import Testing
import Workspaces

@Suite struct DescriptionStageTests {
  private let small: SmallVideos
  private let dataset: Dataset
  private let resources: ResourceFolders

  init() throws {
    small = try SmallVideos()
    dataset = try small.dataset()
    resources = try ResourceFolders.find()
  }

  /// Describes videos with the built-in describer into a workspace.
  private func describe(_ videos: [DatasetVideo], in workspace: Workspace) async throws
    -> DescribeSummary
  {
    let prompt = try PromptTemplate.load(from: resources)
    let source = DescriberSource.builtIn
    let describer = try await source.connect(resources: resources, prompt: prompt)
    #expect(source.jobs(for: describer) >= 1)
    return try await DescriptionStage(
      workspace: workspace, ledger: workspace.openLedger(), describer: describer, prompt: prompt,
      scorers: small.scorers(of: dataset), options: .init(selection: .init(frames: 3))
    ).run(videos)
  }

  @Test func videosAreDescribedOnceThenEmbeddedOnce() async throws {
    let workspace = try small.workspace()
    var summary = try await describe(dataset.videos, in: workspace)
    #expect(summary.done == 2 && summary.failed == 0)
    summary = try await describe(dataset.videos, in: workspace)
    #expect(summary.done == 0 && summary.skipped == 2)

    let ledger = try workspace.openLedger()
    var options = EmbeddingStage.Options()
    options.levels = [.whole, .classPrompt]
    let encoder = HashedNGramTextEncoder()
    func embed() throws -> TextFeatureCache.Summary {
      try EmbeddingStage(workspace: workspace, ledger: ledger, options: options) {
        dataset.descriptor.classes
      }.run(encoder: encoder, recipe: TextFeatureRecipe(encoder: encoder)).summary
    }
    #expect(try embed().embedded > 0)
    let again = try embed()
    #expect(again.embedded == 0 && again.kept > 0)
    #expect(try StageLog.read(from: workspace).stages.map(\.stage) == ["describe", "embed"])
  }

  @Test func aWorkspaceWithoutDescriptionsIsNotReadyToEmbed() throws {
    let workspace = try small.workspace()
    #expect(throws: PipelineError.self) {
      try EmbeddingStage(workspace: workspace, ledger: workspace.openLedger())
    }
  }

  @Test func anotherWorkspaceIsMergedOnceAndAnEmptyOneIsRefused() async throws {
    let first = try small.workspace("first")
    try DatasetReference(
      small.folder.file("videos").path, root: small.folder.url, resources: resources
    )
    .write(to: first)
    _ = try await describe(Array(dataset.videos.prefix(1)), in: first)
    let second = try small.workspace("second")
    _ = try await describe(Array(dataset.videos.suffix(1)), in: second)

    let target = try WorkspaceMerge.target(at: small.folder.file("both"), like: first)
    #expect(try DatasetReference.read(from: target) == DatasetReference.read(from: first))
    let ledger = try target.openLedger()
    for source in [first, second] {
      let summary = try WorkspaceMerge.join(source, into: target, ledger: ledger)
      #expect(summary.ledger.descriptions == 1 && summary.ledger.conflicts.isEmpty)
      #expect(summary.copiedFiles > 0 && summary.missingRecords == 0)
    }
    #expect(try ledger.counts().describedVideos == 2)
    let again = try WorkspaceMerge.join(first, into: target, ledger: ledger)
    #expect(again.copiedFiles == 0 && again.ledger.descriptions == 0)

    let empty = try small.workspace("empty")
    #expect(throws: PipelineError.self) {
      try WorkspaceMerge.join(empty, into: target, ledger: ledger)
    }
    let other = try Workspace.create(at: small.folder.file("x"), dataset: "other", root: nil)
    #expect(throws: WorkspaceError.self) {
      try WorkspaceMerge.join(other, into: target, ledger: ledger)
    }
  }

  @Test func aLabelNeedsAPromptThatShowsIt() throws {
    let plain = try PromptTemplate.load(from: resources)
    try DescriptionStage.check(plain, usesLabel: false)
    #expect(throws: PipelineError.self) { try DescriptionStage.check(plain, usesLabel: true) }
    try DescriptionStage.check(.load("describe-with-label", from: resources), usesLabel: true)
  }

  @Test func aNamedServerThatDoesNotAnswerIsNeverReplacedByTheBuiltIn() async throws {
    let prompt = try PromptTemplate.load(from: resources)
    // Nothing listens on the discard port.
    let servers = DescriberServers(["http://127.0.0.1:9/v1"])
    for source in [DescriberSource.servers(servers), .automatic(servers)] {
      do {
        _ = try await source.connect(resources: resources, prompt: prompt)
        Issue.record("connected to nothing")
      } catch let error as DescriptionError {
        #expect(error.failureKind == .serverUnreachable)
      }
    }
  }

  @Test func theLimitCountsOnlyVideosThatFulfilTheCondition() {
    #expect(VideoChoice(split: "test").videos(of: dataset).count == 2)
    #expect(VideoChoice(split: "train").videos(of: dataset).isEmpty)
    #expect(
      VideoChoice(limit: 1).videos(of: dataset) { $0.isAnomalous == true }.map(\.id) == ["fight"])
    let shards = (1...3).flatMap {
      VideoChoice(shard: DatasetShard("\($0)/3")).videos(of: dataset).map(\.id)
    }
    #expect(shards.sorted() == ["calm", "fight"])
  }

  @Test func durationsAreReadable() {
    #expect(DurationText.of(seconds: 4.21) == "4.2 s")
    #expect(DurationText.of(seconds: 187) == "3 min 07 s")
    #expect(DurationText.of(seconds: 7500) == "2 h 05 min")
  }
}
