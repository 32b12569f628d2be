import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Training

/// `kill -9` and Ctrl-C at random moments of `train-dbm`: 6 kills in `make test`, 50 in
/// `make soak`. Training always goes on, and ends in the weights of an uninterrupted run.
@Suite struct KilledTrainingTests {
  private static let kills = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1" ? 50 : 6

  private let folder: TemporaryFolder
  private let arguments: [String]

  init() throws {
    folder = try TemporaryFolder()
    try SmallDataset.render(to: folder.file("videos"), perClass: 3)
    arguments = [
      "--dataset", "videos", "--visual", "builtin", "--encoder", "builtin", "--preset", "no-dbm",
      "--set", "modelWidth=32", "--set", "epochs=\(40 * Self.kills)", "--set", "batchSize=4",
      "--save-every", "0",
    ]
  }

  @discardableResult
  private func train(
    _ workspace: String, _ more: [String] = [], whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    try CommandRun.run(
      "train-dbm", arguments + ["--workspace", workspace] + more, in: folder.url,
      whileRunning: whileRunning)
  }

  /// The only run of a workspace.
  private func run(of workspace: String) throws -> URL {
    let runs = folder.file("\(workspace)/runs")
    let names = try FileManager.default.contentsOfDirectory(atPath: runs.path)
    try #require(names.count == 1, "\(names)")
    return runs.appendingPathComponent(names[0])
  }

  /// How many steps the only run below a folder has written so far.
  private static func steps(in runs: URL) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    return names.first.map { TrainingLog.steps(in: runs.appendingPathComponent($0)).count } ?? 0
  }

  private func weights(of workspace: String) throws -> [String: Tensor<Float>] {
    let file = try SafetensorsFile(
      url: run(of: workspace).appendingPathComponent("checkpoint.safetensors"))
    return try Dictionary(
      uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
  }

  @Test("killed at random moments, it resumes to the weights of the uninterrupted run")
  func killed() throws {
    let whole = try train("whole")
    #expect(whole.exitCode == 0, "\(whole.standardError)")
    let total = try TrainingLog.steps(in: run(of: "whole")).count
    var generator = SeededGenerator(seed: 20_261_128)
    var midway = 0
    var done = 0
    for _ in 0..<Self.kills {
      // Some steps further than the last time, and then at any moment of a step or a save.
      let steps = done + Int(generator.next() % 50)
      let microseconds = UInt32(generator.next() % 20_000)
      let killed = try train("parts") { [folder] process in
        while process.isRunning, Self.steps(in: folder.file("parts/runs")) < steps { usleep(1_000) }
        usleep(microseconds)
        kill(process.processIdentifier, SIGKILL)
      }
      #expect([0, SIGKILL].contains(killed.exitCode), "\(killed.standardError)")
      guard let run = try? run(of: "parts"),
        let step = try TrainingState.summary(of: run.appendingPathComponent("state.safetensors"))?
          .step
      else { continue }
      if 0 < step && step < total { midway += 1 }
      #expect(step >= done, "\(step) steps are saved, \(done) were before")
      done = step
    }
    let last = try train("parts")
    #expect(last.exitCode == 0, "\(last.standardError)")
    #expect(midway > 0, "no kill fell between the first and the last step")
    #expect(try weights(of: "parts") == weights(of: "whole"))
    let steps = try (
      TrainingLog.steps(in: run(of: "parts")), TrainingLog.steps(in: run(of: "whole"))
    )
    #expect(steps.0.map(\.step) == Array(1...total))
    #expect(steps.0.map(\.losses) == steps.1.map(\.losses))
    let leftovers = try FileManager.default.contentsOfDirectory(atPath: run(of: "parts").path)
    #expect(!leftovers.contains("state.safetensors"))
    print("\(Self.kills) kills, \(midway) of them between the first and the last of \(total) steps")
  }

  @Test("Ctrl-C saves and exits with 130; the same command continues; a third does nothing")
  func interrupted() throws {
    let stopped = try train("parts", ["--save-every", "60"]) { [folder] process in
      while process.isRunning, Self.steps(in: folder.file("parts/runs")) < 3 { usleep(2_000) }
      kill(process.processIdentifier, SIGINT)
    }
    #expect(stopped.exitCode == 130, "\(stopped.standardError)")
    #expect(stopped.standardError.contains("the same command again continues"))
    let state = try run(of: "parts").appendingPathComponent("state.safetensors")
    #expect(try TrainingState.summary(of: state)?.step ?? 0 >= 3)
    let resumed = try train("parts")
    #expect(resumed.exitCode == 0 && resumed.standardOutput.contains("resumed"))
    let again = try train("parts")
    #expect(again.exitCode == 0 && again.standardError.contains("nothing to do"))
    let fresh = try train("parts", ["--fresh"])
    #expect(fresh.exitCode == 0 && fresh.standardOutput.contains("trained"))
  }
}
