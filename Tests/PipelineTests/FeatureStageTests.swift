import Encoders
import Foundation
import Pipeline
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video

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
