import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Training

/// `train-dbm reproduce` on made-up features in the official layout: some 500 files in
/// `make test`, UCF-Crime's 16,390 in `make soak`.
@Suite(.blocking) struct ReproduceCommandTests {
  private static let isFull = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"

  private struct Result: Decodable {
    struct Score: Decodable, Equatable {
      var step: Int
      var score: Double
    }
    struct Selection: Decodable, Equatable {
      var measure: String
      var scores: [Score]
    }
    struct Figure: Decodable {
      var measure: String
      var values: [Double]
    }
    struct Difference: Decodable, Equatable {
      var step: String
      var published: String
      var here: String
    }
    var runs: [String]
    var figures: [Figure]
    var testSelections: [Selection]
    var differences: [Difference]
    func value(_ measure: String) -> Double? { figures.first { $0.measure == measure }?.values[0] }
  }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func arguments(_ dataset: String, _ workspace: String, _ more: [String]) -> [String] {
    [
      "reproduce", dataset, "--features", "data/features", "--lists", "data/lists", "--workspace",
      workspace, "--encoder", "builtin", "--set", "modelWidth=16", "--set", "maximumSnippets=8",
      "--set", "learningRate=0.005", "--save-every", "0",
    ] + more
  }

  @discardableResult
  private func run(
    _ dataset: String, _ workspace: String, _ more: [String], exitCode: Int32 = 0,
    whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    let run = try CommandRun.run(
      "train-dbm", arguments(dataset, workspace, more), in: folder.url, whileRunning: whileRunning)
    #expect(run.exitCode == exitCode, "\(more): \(run.standardError.suffix(2000))")
    return run
  }

  private func result(_ dataset: String, _ workspace: String, _ more: [String]) throws -> Result {
    let output = try run(dataset, workspace, more + ["--json"]).standardOutput
    return try JSONDecoder().decode(Result.self, from: Data(output.utf8))
  }

  private static func steps(in runs: URL) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    return names.map { TrainingLog.steps(in: runs.appendingPathComponent($0)).count }.max() ?? 0
  }

  /// Kills the command after some steps.
  private func runAndKill(
    _ dataset: String, _ workspace: String, _ more: [String], after count: Int
  )
    throws
  {
    try run(dataset, workspace, more, exitCode: SIGKILL) { [folder] process in
      let runs = folder.file("\(workspace)/runs")
      while process.isRunning, Self.steps(in: runs) < count { usleep(2_000) }
      kill(process.processIdentifier, SIGKILL)
    }
  }

  @Test("other counts are refused by number; allowed, killed and resumed it ends as uninterrupted")
  func ucf() throws {
    let layout = try ReleasedLayout("ucf", in: folder.file("data"), share: 0.03)
    let small = ["--set", "batchSize=8", "--epochs", "3"]
    let refused = try run("ucf", "w", small, exitCode: 65)
    #expect(refused.lastError.contains("the published list has 16100 rows"))
    #expect(refused.lastError.contains("--allow-partial"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("w/features").path))

    let partial = small + ["--allow-partial"]
    try runAndKill("ucf", "w", partial, after: 12)
    let killed = try run("ucf", "w", partial)
    #expect(killed.standardError.contains("import: finished before (\(layout.files) files)"))
    #expect(killed.standardOutput.contains("AUC1") && killed.standardOutput.contains("88.02"))
    #expect(killed.standardOutput.contains("86.85 to 88.52"))
    let found = try result("ucf", "w", partial)
    #expect(try #require(found.value("AUC1")) > 70 && found.testSelections.isEmpty)
    let steps = found.differences.map(\.step)
    for step in ["lists and features", "features", "class texts", "setting batchSize", "weights"] {
      #expect(steps.contains(step), "\(step) is not among \(steps)")
    }
    #expect(!steps.contains("setting window"))
    let whole = try result("ucf", "whole", partial)
    #expect(whole.figures.map(\.values) == found.figures.map(\.values))
    #expect(whole.differences == found.differences)
  }

  @Test("--protocol legacy keeps the weights that score best on the test set, and says so")
  func legacy() throws {
    _ = try ReleasedLayout("ucf", in: folder.file("data"), share: 0.03)
    let options = [
      "--set", "batchSize=8", "--epochs", "3", "--allow-partial", "--protocol", "legacy",
    ]
    try runAndKill("ucf", "w", options, after: 25)
    let found = try result("ucf", "w", options)
    let selection = try #require(found.testSelections.first)
    let trained = folder.file("w/runs/\(found.runs[0])")
    let steps = TrainingLog.steps(in: trained).count
    // Every ten steps of each epoch.
    #expect(selection.measure == "AUC1" && steps % 3 == 0)
    #expect(
      selection.scores.map(\.step)
        == (0..<3).flatMap { epoch in
          stride(from: 10, through: steps / 3, by: 10).map { epoch * steps / 3 + $0 }
        })
    // The evaluation of the checkpoint is the best measurement.
    let best = try #require(selection.scores.map(\.score).max())
    #expect(abs(try #require(found.value("AUC1")) - 100 * best) < 1e-9)
    let whole = try result("ucf", "whole", options)
    #expect(whole.testSelections == found.testSelections)

    let words = "chosen on the test set"
    #expect(try run("ucf", "w", options).standardOutput.contains("LEGACY: weights \(words)"))
    for page in ["report.html", "training.html"] {
      let text = try String(contentsOf: folder.file("w/report/\(page)"), encoding: .utf8)
      #expect(text.contains(words), "\(page)")
    }
    let checkpoint = try DetectorCheckpoint(
      url: trained.appendingPathComponent("checkpoint.safetensors"))
    #expect(checkpoint.record.testSelection?.scores.count == selection.scores.count)
    let record = try String(
      contentsOf: trained.appendingPathComponent("config.json"), encoding: .utf8)
    #expect(record.contains("testSelection"))
    // detect says it of the same runs.
    let detected = try CommandRun.run(
      "detect", ["--workspace", "w", "--features", "imported", "--evaluate"], in: folder.url)
    #expect(detected.standardOutput.contains(words), "\(detected.standardError)")
    // Nothing else chooses so.
    let other = try CommandRun.run(
      "train-dbm",
      ["--workspace", "w", "--features", "imported", "--set", "selection=bestTest"],
      in: folder.url)
    #expect(other.exitCode == 64 && other.lastError.contains("reproduce --protocol legacy"))
  }

  @Test("XD-Violence: one measurement of AP2 an epoch, several labels a video, crop 0 at test")
  func xd() throws {
    _ = try ReleasedLayout("xd", in: folder.file("data"), share: 0.008)
    let options = [
      "--set", "batchSize=16", "--epochs", "2", "--allow-partial", "--protocol", "legacy",
    ]
    let found = try result("xd", "w", options)
    #expect(found.testSelections[0].measure == "AP2")
    #expect(found.testSelections[0].scores.count == 2)
    let best = try #require(found.testSelections[0].scores.map(\.score).max())
    #expect(abs(try #require(found.value("AP2")) - 100 * best) < 1e-9)
    #expect(!found.differences.contains { $0.here.contains("names crop") })
    #expect(try run("xd", "w", options).standardOutput.contains("84.51"))
  }

  @Test(
    "UCF-Crime's own counts pass the check, train, resume after a kill and are evaluated",
    .enabled(if: Self.isFull))
  func full() throws {
    let layout = try ReleasedLayout("ucf", in: folder.file("data"), share: 1)
    #expect(layout.files == 16_390)
    let options = ["--protocol", "legacy"]
    try runAndKill("ucf", "w", options, after: 300)
    let found = try result("ucf", "w", options)
    #expect(found.testSelections[0].scores.count == 120)
    #expect(try #require(found.value("AUC1")) > 90)
    #expect(!found.differences.contains { $0.step == "lists and features" })
    let runs = folder.file("w/runs")
    #expect(Self.steps(in: runs) == 1250)
    print("16,390 files: \(found.figures.map { "\($0.measure) \($0.values[0])" })")
  }
}
