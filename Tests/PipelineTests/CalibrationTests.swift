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

@Suite(.blocking) struct CalibrationTests {
  private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
    var options = TrainingOptions(
      presets: ["no-dbm"], sets: ["epochs=2", "batchSize=4", "modelWidth=8"])
    change(&options)
    return options
  }

  private func checkpoint(_ id: String, in place: SmallTraining) throws -> DetectorCheckpoint {
    try DetectorCheckpoint(url: RunRecord.checkpoint(of: id, in: place.workspace))
  }

  private func notes(_ body: (StageReporter) throws -> Void) rethrows -> [String] {
    let lines = Mutex<[String]>([])
    try body(
      StageReporter { event in
        if case .note(let text) = event { lines.withLock { $0.append(text) } }
      })
    return lines.withLock { $0 }
  }

  @Test("four parts calibrate by default, and no weight changes for it")
  func folds() throws {
    let place = try SmallTraining(videos: 24)
    let run = try #require(try place.stage(options()).run().runs.first)
    let calibration = try #require(run.record?.calibration)
    #expect(calibration.folds == 4 && calibration.falseAlarmRate == 0.1)
    #expect(calibration.normalVideos == 12 && calibration.abnormalVideos == 12)
    #expect(calibration.threshold != nil && calibration.falseAlarms == 0)
    let calibrated = try checkpoint(run.id, in: place)
    #expect(calibrated.record.calibration == calibration)

    let plain = try #require(try place.stage(options { $0.folds = 0 }).run().runs.first)
    #expect(plain.state == .trained && plain.record?.calibration == nil)
    let uncalibrated = try checkpoint(plain.id, in: place)
    #expect(uncalibrated.record.calibration == nil)
    for (own, other) in zip(
      try calibrated.model().namedParameters, try uncalibrated.model().namedParameters)
    {
      #expect(own.name == other.name && own.variable.value == other.variable.value)
    }
  }

  @Test(
    "an interrupted calibration goes on: finished parts are kept, the bytes are the same, and seeds share it"
  )
  func resumed() throws {
    let place = try SmallTraining(videos: 24)
    let stop = StopSignal()
    let stopped = try place.stage(options()).run(
      reporter: StageReporter { event in
        if case .note(let text) = event, text.hasPrefix("training 1 run") { stop.request() }
      }, stop: stop)
    #expect(stopped.runs.map(\.state) == [.stopped])
    let run = try place.stage(options()).run().runs[0]
    let file = RunRecord.checkpoint(of: run.id, in: place.workspace)
    let bytes = try Data(contentsOf: file)

    // As if it had been killed before its last part.
    let root = place.workspace.root.appendingPathComponent("calibration")
    let folder = root.appendingPathComponent(
      try #require(try FileManager.default.contentsOfDirectory(atPath: root.path).first))
    func part(_ number: Int) -> URL { folder.appendingPathComponent("part\(number).json") }
    #expect(FileManager.default.fileExists(atPath: part(4).path))
    let last = try Data(contentsOf: part(4))
    try FileManager.default.removeItem(at: part(4))
    try FileManager.default.removeItem(at: place.workspace.runFolder(run.id))
    let before = try FileManager.default.attributesOfItem(atPath: part(1).path)
    let again = try place.stage(options()).run().runs[0]
    #expect(again.state == .trained)
    #expect(
      try Data(contentsOf: RunRecord.checkpoint(of: again.id, in: place.workspace)) == bytes)
    #expect(try Data(contentsOf: part(4)) == last)
    let after = try FileManager.default.attributesOfItem(atPath: part(1).path)
    #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
    // Another seed shares it.
    let other = try place.stage(options { $0.firstSeed = 5 }).run().runs[0]
    #expect(other.record?.calibration == again.record?.calibration)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root.path).count == 1)
  }

  @Test("with --hold-out the held-out videos calibrate, without further models")
  func heldOut() throws {
    let place = try SmallTraining(videos: 60)
    let run = try place.stage(options { $0.holdOut = 0.4 }).run().runs[0]
    let calibration = try #require(run.record?.calibration)
    #expect(calibration.folds == nil && calibration.normalVideos == 12)
    #expect(calibration.threshold != nil)
    let checkpoint = try checkpoint(run.id, in: place)
    #expect(checkpoint.record.calibration == calibration && checkpoint.record.isComplete)
    #expect(checkpoint.record.epoch == 2)
  }

  @Test("with too few normal videos nothing is calibrated, and that is said")
  func tooFew() throws {
    let place = try SmallTraining(videos: 16)
    let lines = try notes { reporter in
      let run = try place.stage(options()).run(reporter: reporter).runs[0]
      #expect(run.record?.calibration == nil)
    }
    #expect(
      lines.contains {
        $0.contains("8 normal training videos, 9 are the fewest") && $0.contains("0.5")
      })
  }

  @Test("detect takes the checkpoint's threshold, and says which rate it was set for")
  func detection() throws {
    let place = try SmallTraining(videos: 24, test: 8)
    let run = try place.stage(options { $0.seeds = 2 }).run().runs[0]
    func detect(_ threshold: Float? = nil) throws -> EvaluationSummary {
      let result = try DatasetDetection(
        dataset: place.dataset, workspace: place.workspace,
        options: DatasetDetectionOptions(
          evaluates: true, threshold: threshold,
          visual: VisualFeatureSource(encoder: .builtIn, stored: .key(place.featuresKey)))
      ).run()
      return try #require(result?.summary)
    }
    let summary = try detect()
    let own = try #require(summary.runs.first)
    #expect(own.alarms?.threshold == run.record?.calibration?.threshold)
    #expect(own.falseAlarmRate == 0.1 && own.calibrationVideos == 12)
    #expect(own.alarms?.falseAlarms?.count == 4 && own.alarms?.events?.count == 4)
    let sentence = try #require(summary.alarmSentences.first)
    #expect(sentence.contains("set for at most 1 in 10 normal videos, by 12 held-out ones"))
    #expect(sentence.contains("mean of 2 runs: false alarms on "))
    #expect(sentence.contains("of 4 (") && sentence.contains("events found"))
    let report = try String(
      contentsOf: place.workspace.reportFolder.appendingPathComponent("report.html"),
      encoding: .utf8)
    #expect(report.contains("set for false alarms on at most 1 in 10 normal videos"))

    let given = try detect(0.3)
    #expect(given.runs[0].alarms?.threshold == 0.3 && given.runs[0].falseAlarmRate == nil)
    #expect(given.alarmSentences[0].contains("threshold 0.300 (not calibrated)"))
    // The curves do not depend on it.
    #expect(given.runs[0].areaUnderROC == summary.runs[0].areaUnderROC)

    _ = try place.stage(options { $0.folds = 0 }).run()
    let uncalibrated = try detect()
    #expect(uncalibrated.runs[0].alarms?.threshold == 0.5)
    #expect(uncalibrated.runs[0].falseAlarmRate == nil)
  }
}
