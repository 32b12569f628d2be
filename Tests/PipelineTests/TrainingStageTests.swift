import Datasets
import Detectors
import Foundation
import Pipeline
import Records
import Synchronization
import TestSupport
import Testing
import Training
import Workspaces

@Suite(.blocking) struct TrainingStageTests {
  private let quick = ["epochs=2", "batchSize=4", "modelWidth=8"]

  private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions(presets: ["no-dbm"], sets: quick)
    change(&options)
    return options
  }

  /// The events of a stage in words.
  private final class Words: Sendable {
    let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var reporter: StageReporter {
      StageReporter { [self] event in
        switch event {
        case .note(let text), .warning(let text), .failure(let text):
          lines.withLock { $0.append(text) }
        default: break
        }
      }
    }
  }

  @Test("a plan line comes before the first step: videos, steps, memory, runs at once")
  func planLine() throws {
    let words = Words()
    let place = try SmallTraining()
    let summary = try place.stage(options { $0.seeds = 2 }).run(reporter: words.reporter)
    #expect(summary.runs.count == 2 && !summary.hasFailures)
    let plan = try #require(words.all.first { $0.hasPrefix("training 2 runs") })
    #expect(plan.contains("6 normal and 6 abnormal videos (12 rows of features)"))
    #expect(plan.contains("6 steps per run (2 epochs of 3, 4 videos per step)"))
    #expect(plan.contains("at once"))
  }

  @Test("runs share four fifths of the free memory, and one always goes")
  func memory() {
    func width(_ perRun: Int?, free: Int? = 1000) -> Int {
      TrainingRuns.width(wanted: 4, bytesPerRun: perRun, free: free)
    }
    #expect(width(100) == 4 && width(250) == 3 && width(2000) == 1)
    #expect(width(nil) == 4 && width(100, free: nil) == 4)
  }

  @Test("listed training videos without a file or features are refused with count and names")
  func absentVideosAreRefused() throws {
    var place = try SmallTraining()
    place.dataset.missingBySplit = ["train": ["Fight/clip2.mp4"], "test": ["other.mp4"]]
    let file = #expect(throws: PipelineError.self) { try place.stage(options()).run() }
    #expect(
      file?.description.contains("1 of 13 listed training videos has no file: Fight/clip2.mp4")
        == true)
    #expect(file?.description.contains("--allow-missing") == true)
    #expect(file?.failureKind == .unreadableInput)
    place.dataset.missingBySplit = ["train": (0..<7).map { "lost\($0).mp4" }]
    let many = #expect(throws: PipelineError.self) { try place.stage(options()).run() }
    #expect(many?.description.contains("7 of 19 listed training videos have no file") == true)
    #expect(many?.description.contains("lost4.mp4 and 2 more") == true)

    place.dataset.missingBySplit = [:]
    place.dataset.videos.append(
      DatasetVideo(
        id: "v99", path: "/nowhere/v99.mp4", split: "train", classNames: ["Normal"],
        isAnomalous: false))
    let features = #expect(throws: PipelineError.self) { try place.stage(options()).run() }
    #expect(
      features?.description.contains("1 of 13 listed training videos has no features: v99")
        == true)
    #expect(!FileManager.default.fileExists(atPath: place.workspace.runsFolder.path))
    // A data set without splits trains on all of its videos.
    var table = place.dataset
    table.missingVideos = ["clip2.mp4"]
    for index in table.videos.indices { table.videos[index].split = nil }
    #expect(table.missingVideos(split: "train") == ["clip2.mp4"])
  }

  @Test("with --allow-missing the training goes on, warns, and its record keeps the names")
  func absentVideosAreAllowed() throws {
    var place = try SmallTraining()
    place.dataset.missingBySplit = ["train": ["lost.mp4"], "test": ["other.mp4"]]
    place.dataset.videos.append(
      DatasetVideo(
        id: "v99", path: "/nowhere/v99.mp4", split: "train", classNames: ["Normal"],
        isAnomalous: false))
    let words = Words()
    let allowed = options { $0.allowsMissing = true }
    let summary = try place.stage(allowed).run(reporter: words.reporter)
    #expect(summary.absentVideos == ["lost.mp4", "v99"] && !summary.hasFailures)
    #expect(summary.runs.map { $0.record?.absentVideos } == [["lost.mp4", "v99"]])
    let record = try #require(try RunRecord.all(in: place.workspace).first)
    #expect(record.absentVideos == ["lost.mp4", "v99"] && record.trainVideos == 12)
    #expect(
      words.all.contains {
        $0.contains("1 of 14 listed training videos has no file: lost.mp4")
          && $0.contains("no features: v99")
      })
    // As long as one is absent, a rerun looks again.
    #expect(try !place.stage(allowed).run().isUpToDate)
  }

  @Test("an unknown class name is refused with the video and the names there are")
  func unknownClass() throws {
    var place = try SmallTraining()
    place.dataset.videos[3].classNames = ["Fighting", "Dancing"]
    let error = #expect(throws: PipelineError.self) { try place.stage(options()).run() }
    #expect(error?.description.contains("v3: class 'Dancing'") == true)
  }

  @Test("settings are refused before anything is read or made")
  func settings() throws {
    let place = try SmallTraining()
    #expect(throws: DetectorError.self) { try place.stage(options { $0.sets = ["width=8"] }).run() }
    #expect(throws: DetectorError.self) { try place.stage(options { $0.model = "vad" }).run() }
    #expect(!FileManager.default.fileExists(atPath: place.workspace.runsFolder.path))
  }

  @Test("videos that are held out validate every epoch, and others make other runs")
  func holdOut() throws {
    let place = try SmallTraining()
    let held = options {
      $0.holdOut = 0.34
      $0.sets = quick + ["selection=bestValidation"]
    }
    let summary = try place.stage(held).run()
    let record = try #require(summary.runs[0].record)
    #expect(record.heldOutVideos > 0 && record.trainVideos + record.heldOutVideos == 12)
    let epochs = TrainingLog.epochs(in: place.workspace.runFolder(record.id))
    #expect(epochs.count == 2 && epochs.allSatisfy { $0.validationAUC != nil })
    #expect(throws: TrainingError.noValidation) {
      try place.stage(options { $0.sets = quick + ["selection=bestValidation"] }).run()
    }
    let other = try place.stage(options()).run()
    #expect(other.runs[0].state == .trained && other.runs[0].id != record.id)
  }

  @Test("changed features, labels or settings train again; --fresh too; equal ones do not")
  func fingerprints() throws {
    var place = try SmallTraining()
    let first = try place.stage(options()).run().runs[0].id
    #expect(try place.stage(options()).run().isUpToDate)
    // What cannot change a weight is no reason.
    #expect(try place.stage(options { $0.jobs = 1 }).run().isUpToDate)
    #expect(
      try place.stage(options { $0.sets = quick + ["epochs=1"] }).run().runs[0].state == .trained)
    // Asked for the first again: it is there, though it is no longer the newest.
    let again = try place.stage(options()).run()
    #expect(!again.isUpToDate && again.runs.map(\.state) == [.kept] && again.runs[0].id == first)
    #expect(try RunRecord.newest(in: place.workspace).map(\.id) == [first])
    place.dataset.videos[1].classNames = ["Arson"]
    #expect(try place.stage(options()).run().runs[0].state == .trained)
    let fresh = try place.stage(options { $0.isFresh = true }).run()
    #expect(fresh.runs[0].state == .trained)
  }

  @Test("a run of format 1 is listed and can be scored with")
  func firstFormat() throws {
    let place = try SmallTraining()
    let id = try #require(try place.stage(options()).run().runs[0].record).id
    let file = RunRecord.file(of: id, in: place.workspace)
    var json = try JSONRecord.read(JSONValue.self, from: file)
    json["format"] = .integer(1)
    json["variant"] = .string("no-dbm")
    for key in ["model", "steps", "heldOutVideos", "fingerprint"] { json[key] = nil }
    try JSONRecord.write(json, to: file)
    let records = try RunRecord.all(in: place.workspace)
    #expect(records.map(\.variant) == ["dbvad-no-dbm"] && records[0].model == "dbvad")
  }
}
