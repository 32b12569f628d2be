import Foundation
import Reports
import TestSupport
import Testing

@Suite struct DetectionReportTests {
  @Test("a written report reads back equal")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    var report = try SampleReport.make(videos: 2, withPictures: false)
    report.videos[0].keyFrames[0].image = Data([0xFF, 0xD8, 0xFF, 0x00])
    try report.write(to: folder.file("report.json"))
    #expect(try DetectionReport.read(from: folder.file("report.json")) == report)
  }

  @Test("a report of another format is refused")
  func otherFormat() throws {
    let folder = try TemporaryFolder()
    var report = try SampleReport.make(videos: 1, withPictures: false)
    report.format = 9
    try report.write(to: folder.file("report.json"))
    #expect {
      try DetectionReport.read(from: folder.file("report.json"))
    } throws: { "\($0)".contains("report.json: report format 9, expected 1") }
  }

  @Test(
    "scores that cannot be drawn truthfully are refused by name",
    arguments: [Double.nan, .infinity, -0.01, 1.01])
  func badScore(score: Double) throws {
    var report = try SampleReport.make(videos: 1, withPictures: false)
    report.videos[0].scores[3].score = score
    let id = report.videos[0].id
    #expect {
      try DetectionReportPage(report: report).html()
    } throws: { "\($0)".hasPrefix("\(id): score 3 is") }
  }

  @Test("times out of order, ids that repeat and empty metrics are refused")
  func badRecords() throws {
    let good = try SampleReport.make(videos: 2, withPictures: false)
    try good.validate()
    var changed: [DetectionReport] = []
    func change(_ edit: (inout DetectionReport) -> Void) {
      var report = good
      edit(&report)
      changed.append(report)
    }
    change { $0.videos[0].scores.swapAt(0, 1) }
    change { $0.videos[0].scores[2].endSeconds = $0.videos[0].scores[2].startSeconds }
    change { $0.videos[1].groundTruth = [ReportInterval(startSeconds: 3, endSeconds: 2)] }
    change { $0.videos[1].keyFrames[0].timestampSeconds = .nan }
    change { $0.videos[0].durationSeconds = 0 }
    change { $0.videos[1].id = $0.videos[0].id }
    change { $0.videos[1].threshold = .nan }
    change { $0.metrics[0].values = [] }
    change { $0.metrics[0].values[1] = .nan }
    for report in changed {
      #expect(throws: ReportError.self) { try report.validate() }
    }
  }

  @Test("mean and spread over seeds are those of the values")
  func metric() {
    let metric = ReportMetric(name: "AUC", variant: "a", values: [0.5, 0.75, 1])
    #expect(metric.mean == 0.75)
    #expect(metric.standardDeviation == 0.25)
    #expect(ReportMetric(name: "AUC", variant: "a", values: [0.5]).standardDeviation == nil)
  }

  @Test("snippet scores take their share of time, the last one to the end")
  func snippets() {
    let scores = ReportScore.snippets(
      [0.1, 0.2, 0.3], framesPerSecond: 32, durationSeconds: 1.75)
    #expect(scores.map(\.startSeconds) == [0, 0.5, 1])
    #expect(scores.map(\.endSeconds) == [0.5, 1, 1.75])
    #expect(
      ReportScore.snippets([0.1], framesPerSecond: 30, durationSeconds: 0.2).map(\.endSeconds)
        == [0.2])
  }

  @Test("an outcome follows from the detections and what is known")
  func outcome() {
    func outcome(
      _ isAnomalous: Bool?, truth: [ReportInterval]?, detected: [ReportInterval]
    ) -> ReportOutcome? {
      ReportVideo(
        id: "v", isAnomalous: isAnomalous, durationSeconds: 9, scores: [], groundTruth: truth,
        threshold: 0.5, detections: detected
      ).outcome
    }
    let early = ReportInterval(startSeconds: 1, endSeconds: 2)
    let late = ReportInterval(startSeconds: 2, endSeconds: 3)
    #expect(outcome(true, truth: [early], detected: [early]) == .found)
    #expect(outcome(true, truth: [early], detected: [late]) == .missed)
    #expect(outcome(true, truth: nil, detected: [late]) == .found)
    #expect(outcome(true, truth: nil, detected: []) == .missed)
    #expect(outcome(false, truth: [], detected: [late]) == .falseAlarm)
    #expect(outcome(false, truth: [], detected: []) == .quiet)
    #expect(outcome(nil, truth: nil, detected: [late]) == nil)
  }
}
