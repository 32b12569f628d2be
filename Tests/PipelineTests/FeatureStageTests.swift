import Encoders
import Foundation
import Pipeline
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video
import Workspaces

@Suite struct FeatureStageTests {
  private let small: SmallVideos

  init() throws { small = try SmallVideos() }

  private var root: URL { small.folder.file("features") }

  private func stage(_ source: VisualFeatureSource = .init(encoder: .builtIn)) throws
    -> VisualFeatureStage
  {
    VisualFeatureStage(store: try source.store(root: root), jobs: 2)
  }

  @Test func missingFeaturesAreExtractedOnceAndFailuresEndOnlyTheirVideo() throws {
    let videos = [
      (id: "a", path: try small.clip("a")), (id: "bad", path: try small.damaged("bad")),
    ]
    let events = Mutex([StageEvent]())
    let reporter = StageReporter { event in events.withLock { $0.append(event) } }
    let first = try stage().run(videos, reporter: reporter)
    #expect(first["a"]?.record?.snippetCount == 3 && first["a"]?.wasStored == false)
    #expect(first["bad"]?.isFailure == true)
    let seen = events.withLock { $0 }
    #expect(
      seen.first == .began(stage: "features", total: 2, itemName: "videos", alreadyDone: 0))
    #expect(seen.contains(.advanced(count: 1, failed: true, total: nil, item: "bad")))
    guard case .failure(let line) = seen.last else {
      Issue.record("the failure is not reported")
      return
    }
    #expect(line.contains("bad.mp4"))

    let again = try stage().run(videos)
    #expect(again["a"]?.wasStored == true)
    let workspace = try small.workspace()
    try stage().log(again, seconds: 1, to: workspace)
    let record = try #require(try StageLog.read(from: workspace).stages.first)
    #expect(record.stage == "features" && record.isBuiltIn)
    #expect(record.items == 1 && record.kept == 1 && record.failed == 1)
  }

  @Test("one content hash: asked once for a video that exists, and its failure is the video's")
  func contentHashes() throws {
    let path = try small.clip("a")
    let asked = Mutex([String]())
    func stage(_ hash: @escaping @Sendable (String) throws -> String) throws -> VisualFeatureStage {
      VisualFeatureStage(
        store: try VisualFeatureSource(encoder: .builtIn).store(root: root), jobs: 1
      ) { path in
        asked.withLock { $0.append(path) }
        return try hash(path)
      }
    }
    let videos = [(id: "a", path: path), (id: "gone", path: path + ".gone")]
    let first = try stage { _ in "hash" }.run(videos)
    #expect(first["a"]?.record?.contentHash == "hash" && first["a"]?.wasStored == false)
    guard case .failed(let error)? = first["gone"] else {
      Issue.record("a missing video has features")
      return
    }
    #expect(error is VideoError && asked.withLock { $0 } == [path])

    // A failure to measure an existing file is reported, and does not pass for an unchanged file.
    struct Unmeasured: ReportableError {
      var description: String { "a.mp4: cannot be measured" }
      var failureKind: FailureKind { .unreadableInput }
    }
    let failing = try stage { _ in throw Unmeasured() }
    guard case .failed(let reason)? = failing.run(videos)["a"] else {
      Issue.record("the failure to measure is swallowed")
      return
    }
    #expect(reason is Unmeasured)
    let plan = try BulkPlan.features([videos[0]], store: failing.store, jobs: 1) { _ in
      throw Unmeasured()
    }
    #expect(plan.done == 0 && plan.unreadable == 0)

    // The same hash again keeps the features, also of a video that is gone.
    #expect(try stage { _ in "hash" }.run(videos)["a"]?.wasStored == true)
    try FileManager.default.removeItem(atPath: path)
    #expect(try stage { _ in throw Unmeasured() }.run(videos)["a"]?.wasStored == true)
  }

  @Test("a workspace's ledger gives the hash that it has, without reading the file")
  func ledgerHash() throws {
    let path = try small.clip("a")
    let workspace = try small.workspace()
    #expect(try workspace.existingLedger() == nil)
    let measured = try VideoFingerprint.measure(path: path)
    #expect(try VisualFeatureStage.contentHash(by: nil)(path) == measured.hash)
    let ledger = try workspace.openLedger()
    try ledger.register([
      LedgerVideo(
        id: "a", path: path,
        fingerprint: VideoFingerprint(
          sizeBytes: measured.sizeBytes, modifiedSeconds: measured.modifiedSeconds,
          hash: "of the ledger"))
    ])
    let stage = VisualFeatureStage(
      store: try VisualFeatureSource(encoder: .builtIn).store(root: root), jobs: 1,
      contentHash: VisualFeatureStage.contentHash(by: try workspace.existingLedger()))
    #expect(stage.run([(id: "a", path: path)])["a"]?.record?.contentHash == "of the ledger")
  }

  @Test func aStopBeforeTheStartExtractsNothing() throws {
    let stop = StopSignal()
    stop.request()
    let outcomes = try stage().run([(id: "a", path: try small.clip("a"))], stop: stop)
    #expect(outcomes.isEmpty)
  }

  @Test func storedFeaturesAreFoundByKeyAndMissingOnesAreNamed() throws {
    _ = try stage().run([(id: "a", path: try small.clip("a"))])
    let key = try #require(SnippetFeatureStore.all(in: root).first?.key)
    let store = try VisualFeatureSource(stored: .key(key)).store(root: root)
    #expect(store.key == key && store.encoder == nil)
    #expect(throws: PipelineError.self) {
      try VisualFeatureSource(stored: .imported).store(root: root)
    }
    do {
      _ = try VisualFeatureSource(stored: .key("nowhere")).store(root: root)
      Issue.record("a store that does not exist was found")
    } catch let error as PipelineError {
      #expect(error.failureKind == .unreadableInput)
      #expect(error.description.contains(key))
    }
  }

  @Test func theBuiltInDescriptorHasNoCrops() throws {
    do {
      _ = try VisualFeatureSource(encoder: .builtIn, crops: .vadclip10).snippetEncoder()
      Issue.record("crops of the built-in descriptor")
    } catch let error as PipelineError {
      #expect(error.failureKind == .usage)
      #expect(error.description.contains("measures whole frames"))
    }
  }

  @Test func automaticFollowsTheEncoderOfAnEarlierStage() {
    let weights = CLIPWeights("folder", precision: .bf16)
    #expect(VisionEncoderSource.automatic(weights).like(builtIn: true) == .builtIn)
    #expect(VisionEncoderSource.automatic(weights).like(builtIn: false) == .clip(weights))
    #expect(VisionEncoderSource.clip(weights).like(builtIn: true) == .clip(weights))
  }

  @Test func weightsThatAreMissingAreNamed() throws {
    let nowhere = small.folder.file("no-weights").path
    #expect(throws: (any Error).self) {
      try VisionEncoderSource.clip(CLIPWeights(nowhere)).encoder()
    }
    #expect(try VisionEncoderSource.builtIn.encoder().map(\.identity) == nil)
    #expect(try TextEncoderSource.builtIn.encoder().identity.kind == "builtin")
  }
}
