import Foundation
import Records
import TestSupport
import Testing

@Suite(.blocking) struct CalibrationCommandTests {
  private struct Detection: Decodable {
    var threshold: Float
    var falseAlarmRate: Double?
  }

  private struct Summary: Decodable {
    struct Alarms: Decodable { var threshold: Float }
    struct Run: Decodable {
      var alarms: Alarms
      var falseAlarmRate: Double?
      var calibrationVideos: Int?
    }
    var runs: [Run]
  }

  @Test("a training sets the threshold that detect takes, for videos and for a data set")
  func endToEnd() throws {
    let folder = try TemporaryFolder()
    var table = "video,class,split,events\n"
    for (split, count) in [("train", 10), ("test", 2)] {
      for label in ["Normal", "Fight"] {
        for number in 0..<count {
          let video = "\(split)_\(label)\(number).mp4"
          try SmallDataset.clip(
            to: folder.file(video), frames: 32, isAnomalous: label == "Fight", phase: number * 7)
          table += "\(video),\(label),\(split),\(label == "Fight" ? "10-21" : "")\n"
        }
      }
    }
    try Data(table.utf8).write(to: folder.file("videos.csv"))
    func run(_ command: String, _ arguments: [String], exitCode: Int32 = 0) throws -> CommandRun {
      let run = try CommandRun.run(command, arguments, in: folder.url)
      #expect(run.exitCode == exitCode, "\(command) \(arguments): \(run.standardError)")
      return run
    }
    let data = ["--dataset", "videos.csv", "--workspace", "w", "--visual", "builtin"]
    let train = data + ["--encoder", "builtin", "--preset", "no-dbm", "--epochs", "1"]
    let trained = try run("train-dbm", train + ["--folds", "2"])
    #expect(trained.standardError.contains("before them 2 per variant"))
    let found = try JSONDecoder().decode(
      Summary.self,
      from: Data(try run("detect", data + ["--evaluate", "--json"]).standardOutput.utf8))
    #expect(found.runs.map(\.falseAlarmRate) == [0.1] && found.runs[0].calibrationVideos == 10)
    let threshold = found.runs[0].alarms.threshold
    let told = try run("detect", data + ["--evaluate"])
    #expect(told.standardOutput.contains("set for at most 1 in 10 normal videos, by 10 held-out"))
    let summary = try run("detect", ["summary", "--workspace", "w"])
    #expect(summary.standardOutput.contains("events found"))

    func detections(_ more: [String]) throws -> Detection {
      _ = try run("detect", ["test_Fight0.mp4", "--workspace", "w"] + more)
      return try #require(
        try JSONRecord.read([Detection].self, from: folder.file("detections/detections.json")).first
      )
    }
    let own = try detections([])
    #expect(own.threshold == threshold && own.falseAlarmRate == 0.1)
    let report = try String(contentsOf: folder.file("detections/report.html"), encoding: .utf8)
    #expect(report.contains("set for false alarms on at most 1 in 10 normal videos"))
    let given = try detections(["--threshold", "0.25"])
    #expect(given.threshold == 0.25 && given.falseAlarmRate == nil)

    _ = try run("train-dbm", train + ["--folds", "0"])
    let plain = try detections([])
    #expect(plain.threshold == 0.5 && plain.falseAlarmRate == nil)
    let wrong = try run("train-dbm", train + ["--folds", "1"], exitCode: 64)
    #expect(wrong.standardError.contains("--folds must be 0, or from 2 to 20, found 1"))
  }
}
