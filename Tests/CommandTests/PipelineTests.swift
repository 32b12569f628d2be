import Foundation
import Tensors
import TestSupport
import Testing

/// The whole pipeline through the built binaries, on small rendered clips.
@Suite(.blocking) struct PipelineTests {
  private static let python = ProcessInfo.processInfo.environment["KESS_TEST_PYTHON"]

  private struct Summary: Decodable {
    struct Run: Decodable {
      var id: String
      var variant: String
      var areaUnderROC: Double?
      var averagePrecision: Double?
    }
    var videos: Int
    var runs: [Run]
  }

  @discardableResult
  private func run(
    _ command: String, _ arguments: [String], in folder: URL, expect code: Int32 = 0
  ) throws -> CommandRun {
    let run = try CommandRun.run(command, arguments, in: folder)
    #expect(run.exitCode == code, "\(command) \(arguments): \(run.standardError)")
    return run
  }

  @Test func theDemoPipelineRunsWithTheDefaultsAndItsAUCIsRecomputedByScikitLearn() throws {
    let folder = try TemporaryFolder()
    try run(
      "kess", ["demo-data", "--out", "demo/data", "--clips", "12", "--seed", "3"], in: folder.url)
    try run(
      "describe", ["--dataset", "demo", "--describer", "builtin", "--scorer", "builtin"],
      in: folder.url)
    try run(
      "describe",
      ["--dataset", "demo", "--describer", "builtin", "--scorer", "builtin", "--split", "test"],
      in: folder.url)
    try run("embed", ["--encoder", "builtin"], in: folder.url)
    try run(
      "train-dbm",
      [
        "--visual", "builtin", "--encoder", "builtin", "--epochs", "3", "--seeds", "2",
        "--presets", "default,no-dbm",
      ],
      in: folder.url)
    let detected = try run(
      "detect", ["--dataset", "demo", "--split", "test", "--evaluate", "--json"], in: folder.url)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(detected.standardOutput.utf8))
    #expect(summary.runs.count == 4)
    #expect(Set(summary.runs.map(\.variant)) == ["dbvad", "dbvad-no-dbm"])

    // The folder `demo` must not be taken for the data set `demo`: nothing of the
    // test split reaches training.
    let workspace = folder.file("workspaces/demo")
    struct Run: Decodable { var trainVideos: Int }
    for item in summary.runs {
      let record = try JSONDecoder().decode(
        Run.self,
        from: Data(contentsOf: workspace.appendingPathComponent("runs/\(item.id)/config.json")))
      #expect(record.trainVideos + summary.videos == 12)
    }
    let page = try String(
      contentsOf: workspace.appendingPathComponent("report/report.html"), encoding: .utf8)
    #expect(page.contains("<svg"))
    // A built-in description never passes for a model's.
    #expect(page.contains("Described by builtin motion-facts-v2"))
    #expect(!page.contains(">real</span> Described by"))
    #expect(!page.contains("http-equiv=\"refresh\""))
    let lines = try String(
      contentsOf: workspace.appendingPathComponent("descriptions.jsonl"), encoding: .utf8
    ).split(separator: "\n")
    let videos = Set(
      lines.map { $0.split(separator: "\"video\":\"").last?.split(separator: "\"").first })
    #expect(videos.count == lines.count)

    // Only training videos are described unless asked, and a rerun does nothing.
    let again = try run(
      "describe", ["--dataset", "demo", "--describer", "builtin", "--scorer", "builtin"],
      in: folder.url)
    #expect(again.standardOutput.contains("0 described"))
    #expect(
      try run("embed", ["--encoder", "builtin"], in: folder.url).standardOutput.contains(
        "0 embedded"))

    guard let python = Self.python else { return }
    for item in summary.runs {
      let checked = try CommandRun.run(
        python,
        [
          URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("recompute_auc.py").path,
          workspace.appendingPathComponent("scores/\(item.id)").path,
          folder.file("demo/data/Temporal_Anomaly_Annotation.txt").path,
        ], in: folder.url)
      #expect(checked.exitCode == 0, "\(checked.standardError)")
      for (name, ours) in [("AUC", item.areaUnderROC), ("AP", item.averagePrecision)] {
        let line = checked.standardOutput.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        let theirs = try #require(line.flatMap { Double($0.dropFirst(name.count + 1)) })
        #expect(abs(try #require(ours) - theirs) < 1e-6, "\(name) of \(item.id)")
      }
    }
  }

  @Test func aFolderOfClassFoldersTrainsAndItsCheckpointScoresAnyVideo() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.render(to: folder.file("clips"))
    try run(
      "describe", ["--dataset", "clips", "--describer", "builtin", "--scorer", "builtin"],
      in: folder.url)
    try run("embed", ["--encoder", "builtin"], in: folder.url)
    try run(
      "train-dbm", ["--visual", "builtin", "--encoder", "builtin", "--epochs", "2"], in: folder.url)
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: folder.file("workspaces/clips/runs").path
    ).filter { $0.contains("dbvad") }
    let checkpoint = "workspaces/clips/runs/\(try #require(runs.first))/checkpoint.safetensors"
    try run(
      "detect", ["clips/test/Fighting/Fighting_test_0.mp4", "--checkpoint", checkpoint],
      in: folder.url)
    let scores = try Npy.read(folder.file("detections/Fighting_test_0.npy"))
    #expect(scores.shape == [3])
    #expect(scores.scalars.allSatisfy { (0...1).contains($0) })
    for name in ["report.html", "detections.json", "Fighting_test_0.svg"] {
      #expect(FileManager.default.fileExists(atPath: folder.file("detections/\(name)").path))
    }
    // Without an annotation there is nothing to evaluate with, and that is said.
    let refused = try run(
      "detect", ["--dataset", "clips", "--evaluate"], in: folder.url, expect: 65)
    #expect(refused.lastError.contains("annotation"))
    try run("detect", ["--dataset", "clips"], in: folder.url)
  }

  @Test func aFolderWithoutLabelsIsDescribedAndEmbeddedButNotTrained() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.file("plain"), withIntermediateDirectories: true)
    try SmallDataset.clip(to: folder.file("plain/a.mp4"), frames: 20)
    try SmallDataset.clip(to: folder.file("plain/b.mp4"), frames: 24, phase: 9)
    try run(
      "describe", ["--dataset", "plain", "--describer", "builtin", "--scorer", "builtin"],
      in: folder.url)
    try run("embed", ["--encoder", "builtin"], in: folder.url)
    let refused = try run("train-dbm", ["--visual", "builtin"], in: folder.url, expect: 65)
    #expect(refused.lastError.contains("label"))
  }
}
