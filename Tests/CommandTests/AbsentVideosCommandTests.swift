import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct AbsentVideosCommandTests {
  @Test("a listed video without a file is refused by training and evaluation, or left out by name")
  func absentVideos() throws {
    let folder = try TemporaryFolder()
    var table = "video,class,split,events\n"
    for split in ["train", "test"] {
      for (name, label) in [("walk", "Normal"), ("fight", "Fight")] {
        for number in 0..<2 {
          let video = "\(split)_\(name)\(number).mp4"
          try SmallDataset.clip(
            to: folder.file(video), frames: 48, isAnomalous: name == "fight", phase: number * 7)
          table += "\(video),\(label),\(split),\(label == "Fight" ? "16-32" : "")\n"
        }
      }
    }
    try Data(table.utf8).write(to: folder.file("videos.csv"))
    let train = [
      "--dataset", "videos.csv", "--workspace", "w", "--visual", "builtin", "--encoder", "builtin",
      "--preset", "no-dbm", "--epochs", "1",
    ]
    let detect = [
      "--dataset", "videos.csv", "--workspace", "w", "--visual", "builtin", "--evaluate",
    ]
    func run(_ command: String, _ arguments: [String], exitCode: Int32) throws -> CommandRun {
      let run = try CommandRun.run(command, arguments, in: folder.url)
      #expect(run.exitCode == exitCode, "\(command): \(run.standardError)")
      return run
    }
    try FileManager.default.removeItem(at: folder.file("train_fight1.mp4"))
    let refused = try run("train-dbm", train, exitCode: 65)
    #expect(
      refused.standardError.contains(
        "1 of 4 listed training videos has no file: train_fight1.mp4"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("w/runs").path))
    let allowed = try run("train-dbm", train + ["--allow-missing"], exitCode: 0)
    #expect(allowed.standardError.contains("1 of 4 listed training videos has no file"))
    let id = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("w/runs").path).first)
    let record = try String(
      contentsOf: folder.file("w/runs/\(id)/config.json"), encoding: .utf8)
    #expect(record.contains("\"absentVideos\"") && record.contains("train_fight1.mp4"))

    _ = try run("detect", detect, exitCode: 0)
    try FileManager.default.removeItem(at: folder.file("test_walk0.mp4"))
    let unevaluated = try run("detect", detect, exitCode: 65)
    #expect(
      unevaluated.standardError.contains("1 of 4 listed test videos has no file: test_walk0.mp4"))
    let evaluated = try run("detect", detect + ["--allow-missing", "--json"], exitCode: 0)
    #expect(evaluated.standardOutput.contains("test_walk0.mp4"))
  }

  @Test("kess encode tells which text it cuts, with the tokens before and after")
  func cutTexts() throws {
    let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/clip").path
    let folder = try TemporaryFolder()
    let long = (0..<200).map { "word\($0)" }.joined(separator: " ")
    let arguments = [
      "encode", "--text", "a short one", "--text", long, "--clip-model", model, "--out", "a.npy",
    ]
    let run = try CommandRun.run("kess", arguments, in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(run.standardError.contains("warning: text 2 is cut: "))
    #expect(run.standardError.contains("of which 77 are read"))
    #expect(!run.standardError.contains("text 1"))
    struct Result: Decodable {
      struct Cut: Decodable {
        var text: Int
        var tokens: Int
        var tokensRead: Int
      }
      var texts: Int
      var cutTexts: [Cut]
    }
    let json = try CommandRun.run("kess", arguments + ["--json"], in: folder.url)
    let result = try JSONDecoder().decode(Result.self, from: Data(json.standardOutput.utf8))
    #expect(result.texts == 2 && result.cutTexts.map(\.text) == [2])
    #expect(result.cutTexts[0].tokens > 77 && result.cutTexts[0].tokensRead == 77)
  }
}
