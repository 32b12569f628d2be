import Pipeline
import Records
import Synchronization
import TestSupport
import Testing
import Workspaces

@Suite struct StageTests {
  @Test func aStopRunsEachActionOnce() {
    let stop = StopSignal()
    let calls = Mutex([String]())
    stop.onStop { calls.withLock { $0.append("before") } }
    #expect(!stop.isRequested)
    stop.request()
    stop.request()
    stop.onStop { calls.withLock { $0.append("after") } }
    #expect(stop.isRequested)
    #expect(calls.withLock { $0 } == ["before", "after"])
  }

  @Test func workersKeepTheOrderOfTheItems() {
    let items = Array(0..<100)
    #expect(Parallel.map(items, jobs: 7) { $0 * 2 } == items.map { $0 * 2 })
  }

  @Test func aStopKeepsItemsFromStarting() {
    let stop = StopSignal()
    let results = Parallel.map(Array(0..<10), jobs: 1, until: stop) { item in
      if item == 2 { stop.request() }
      return item
    }
    #expect(results == [0, 1, 2] + [Int?](repeating: nil, count: 7))
  }

  @Test func aSingleVideoGetsAllCores() {
    #expect(Parallel.threadsPerItem(jobs: 4, items: 1) == Parallel.cores)
    #expect(Parallel.threadsPerItem(jobs: 10_000, items: 10_000) == 1)
  }

  @Test func aReporterReceivesWhatAStageReports() {
    let events = Mutex([StageEvent]())
    let reporter = StageReporter { event in events.withLock { $0.append(event) } }
    reporter.begin("select", total: 2, itemName: "videos")
    reporter.reached(0.5, of: "a")
    reporter.advance(failed: true, item: "a")
    reporter.end()
    reporter.warning("dark")
    #expect(
      events.withLock { $0 } == [
        .began(stage: "select", total: 2, itemName: "videos", alreadyDone: 0),
        .reached(share: 0.5, item: "a"),
        .advanced(count: 1, failed: true, total: nil, item: "a"),
        .ended(needsSummary: true), .warning("dark"),
      ])
  }

  @Test func theLogKeepsTheNewestRecordOfEachStageInPipelineOrder() throws {
    let folder = try TemporaryFolder()
    let workspace = try Workspace.create(at: folder.url, dataset: "demo", root: nil)
    func write(_ stage: String, kept: Int, seconds: Double, used: String = "clip") throws {
      try StageLog.write(
        StageRecord(
          stage: stage, isBuiltIn: false, used: used, items: 3, itemName: "videos", kept: kept,
          seconds: seconds), to: workspace)
    }
    #expect(try StageLog.read(from: workspace).stages.isEmpty)
    try write("features", kept: 0, seconds: 10)
    try write("describe", kept: 0, seconds: 1)
    try write("features", kept: 2, seconds: 5)
    var stages = try StageLog.read(from: workspace).stages
    #expect(stages.map(\.stage) == ["describe", "features"])
    // The kept items took the first run's time.
    #expect(stages[1].seconds == 15)
    try write("features", kept: 2, seconds: 5, used: "builtin")
    stages = try StageLog.read(from: workspace).stages
    #expect(stages[1].seconds == 5)
  }
}
