import Foundation
import Records
import TestSupport
import Testing

@Suite(.blocking) struct ModelComparisonCommandTests {
  private struct Comparison: Decodable {
    struct Run: Decodable {
      var id: String
      var state: String
      var reason: String?
      var scoresWereStored: Bool
      var areaUnderROC: Double?
    }
    struct Row: Decodable {
      var variant: String
      var runs: [Run]
    }
    var rows: [Row]
    var runs: [Run] { rows.flatMap(\.runs) }
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SmallDataset.render(to: folder.file("videos"), perClass: 3)
    var table = "video,class,split,events\n"
    for (split, name) in [
      ("train", "Normal"), ("train", "Fighting"), ("test", "Normal"), ("test", "Fighting"),
    ] {
      for number in 0..<3 {
        table += "\(split)/\(name)/\(name)_\(split)_\(number).mp4,\(name),\(split),"
        table += name == "Normal" ? "\n" : "16-31\n"
      }
    }
    try Data(table.utf8).write(to: folder.file("videos/videos.csv"))
  }

  @discardableResult
  private func run(
    _ command: String, _ arguments: [String], exitCode: Int32 = 0,
    whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    let run = try CommandRun.run(
      command, arguments, in: folder.url, whileRunning: whileRunning)
    #expect(run.exitCode == exitCode, "\(command) \(arguments): \(run.standardError)")
    return run
  }

  private func compare(_ more: [String], exitCode: Int32 = 0) throws -> Comparison {
    let output = try run("train-dbm", arguments(more) + ["--json"], exitCode: exitCode)
      .standardOutput
    return try JSONDecoder().decode(Comparison.self, from: Data(output.utf8))
  }

  private func arguments(_ more: [String]) -> [String] {
    [
      "compare", "--dataset", "videos/videos.csv", "--workspace", "w", "--visual", "builtin",
      "--encoder", "builtin", "--set", "modelWidth=16", "--batch-size", "4",
    ] + more
  }

  @Test("without descriptions DBVAD is named and VadCLIP finishes; with them both are compared")
  func descriptions() throws {
    let models = ["--models", "dbvad,vadclip", "--epochs", "2", "--seeds", "2"]
    let without = try compare(models, exitCode: 2)
    try #require(without.rows.map(\.variant) == ["dbvad", "vadclip"])
    #expect(
      without.rows[0].runs.allSatisfy {
        $0.state == "failed" && $0.reason?.contains("describe") == true
      })
    #expect(without.rows[1].runs.map(\.state) == ["trained", "trained"])

    let texts = ["--dataset", "videos/videos.csv", "--workspace", "w"]
    try run("describe", texts + ["--describer", "builtin", "--scorer", "builtin"])
    try run("embed", ["--workspace", "w", "--encoder", "builtin"])
    let both = try compare(models)
    try #require(both.rows.map(\.variant) == ["dbvad", "vadclip"])
    #expect(both.rows[0].runs.map(\.state) == ["trained", "trained"])
    // Descriptions are nothing to VadCLIP: its runs and scores are those of before.
    #expect(both.rows[1].runs.map(\.id) == without.rows[1].runs.map(\.id))
    #expect(both.rows[1].runs.allSatisfy { $0.state == "kept" && $0.scoresWereStored })

    let table = try run("train-dbm", arguments(models)).standardOutput
    #expect(table.contains("vadclip against dbvad: the frame AUC changes by"))
    #expect(table.contains("not clearly different") && table.contains("compare.html"))
    // detect takes all of them for the newest training.
    let detected = try run(
      "detect", texts + ["--visual", "builtin", "--evaluate"]
    ).standardOutput
    #expect(detected.contains("DBVAD") && detected.contains("VadCLIP"))
    // A wrong word ends it before anything is opened.
    try run("train-dbm", arguments(["--models", "vadcip"]), exitCode: 64)
    try run("train-dbm", arguments(["--presets", "dbvad:none"]), exitCode: 64)
  }

  @Test("killed in the middle, the same command keeps finished runs and trains the others")
  func killed() throws {
    let models = [
      "--models", "vadclip", "--presets", "default,vadclip:no-alignment", "--epochs", "150",
      "--seeds", "2", "--jobs", "1", "--save-every", "0",
    ]
    let finished: @Sendable () -> [String] = { [folder] in
      let runs = folder.file("w/runs")
      return ((try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []).filter {
        FileManager.default.fileExists(
          atPath: runs.appendingPathComponent("\($0)/config.json").path)
      }
    }
    try run("train-dbm", arguments(models), exitCode: SIGKILL) { process in
      while process.isRunning, finished().isEmpty { usleep(2_000) }
      kill(process.processIdentifier, SIGKILL)
    }
    let before = finished()
    #expect((1..<4).contains(before.count), "\(before)")
    let found = try compare(models)
    #expect(found.runs.count == 4)
    #expect(Set(found.runs.filter { $0.state == "kept" }.map(\.id)) == Set(before))
    #expect(found.runs.allSatisfy { $0.areaUnderROC != nil && $0.reason == nil })
  }
}
