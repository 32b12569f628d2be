import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct FeaturesCommandTests {
  /// The tiny CLIP of the Encoders' goldens: random weights, 24-d.
  private let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/clip").path

  @Test("ten crops of a video are ten half-precision files; again, all is kept")
  func tenCropsAreWrittenOnce() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 40)
    let arguments = [
      "features", "a.mp4", "missing.mp4", "--crops", "10", "--dtype", "f16", "--clip-model", model,
    ]
    let first = try CommandRun.run("kess", arguments, in: folder.url)
    #expect(first.exitCode == 2, "\(first.standardError)")
    #expect(first.lastError.contains("missing.mp4"))
    #expect(first.standardError.contains("320 images"))
    let keys = try FileManager.default.contentsOfDirectory(atPath: folder.file("features").path)
    #expect(keys.count == 1)
    for crop in 0..<10 {
      let file = folder.file("features/\(keys[0])/a__\(crop).npy")
      #expect(try Npy.layout(of: file).shape == [2, 24])
      #expect(try Npy.layout(of: file).elementType == "<f2")
    }
    let second = try CommandRun.run("kess", arguments + ["--json"], in: folder.url)
    #expect(second.standardOutput.contains("\"cached\" : true"))
    #expect(second.standardError.contains("1 done"))
  }

  @Test("a run that is killed leaves nothing that counts as done, and the next one ends it")
  func aKilledRunIsContinued() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c"] {
      try SmallDataset.clip(to: folder.file("\(name).mp4"), frames: 160)
    }
    let arguments = [
      "features", "a.mp4", "b.mp4", "c.mp4", "--crops", "10", "--clip-model", model, "--jobs", "1",
    ]
    let out = folder.file("features")
    _ = try CommandRun.run("kess", arguments, in: folder.url) { process in
      // As soon as something lies there, wherever in its work the process is.
      while process.isRunning {
        let key = (try? FileManager.default.contentsOfDirectory(atPath: out.path))?.first
        let files = key.flatMap {
          try? FileManager.default.contentsOfDirectory(
            atPath: out.appendingPathComponent($0).path)
        }
        if (files ?? []).contains(where: { $0.hasSuffix(".npy") }) { break }
        usleep(1000)
      }
      kill(process.processIdentifier, SIGKILL)
    }
    let second = try CommandRun.run("kess", arguments, in: folder.url)
    #expect(second.exitCode == 0, "\(second.standardError)")
    let key = try #require(FileManager.default.contentsOfDirectory(atPath: out.path).first)
    for name in ["a", "b", "c"] {
      for crop in 0..<10 {
        #expect(
          try Npy.read(out.appendingPathComponent("\(key)/\(name)__\(crop).npy")).shape == [10, 24])
      }
    }
  }

  @Test("plan counts and measures, and makes no features")
  func planMakesNothing() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 40)
    let run = try CommandRun.run(
      "kess",
      [
        "features", "plan", "a.mp4", "--crops", "5", "--pool", "first", "--clip-model", model,
        "--json",
      ],
      in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    struct Plan: Decodable {
      var items: Int
      var images: Int
      var imagesPerSecond: Double
      var hours: Double
    }
    let plan = try JSONDecoder().decode(Plan.self, from: Data(run.standardOutput.utf8))
    #expect(plan.items == 1 && plan.images == 10 && plan.imagesPerSecond > 0 && plan.hours > 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("features").path))
  }

  @Test(
    "crops that cannot be are refused as wrong usage",
    arguments: [
      ["--crops", "10", "--visual", "builtin"], ["--crops", "3"],
      ["--crops", "5", "--geometry", "clip"], ["--geometry", "vadclip", "--visual", "builtin"],
    ])
  func wrongCropsAreRefused(options: [String]) throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 20)
    let run = try CommandRun.run("kess", ["features", "a.mp4"] + options, in: folder.url)
    #expect(run.exitCode == 64, "\(run.standardError)")
    #expect(run.standardError.contains(options[0]))
  }

  @Test("imported features train and detect without any video")
  func importedFeaturesTrainAndDetect() throws {
    let folder = try TemporaryFolder()
    try ReleasedFeatureFiles.write(to: folder)
    func run(_ command: String, _ arguments: [String]) throws -> CommandRun {
      let run = try CommandRun.run(command, arguments, in: folder.url)
      #expect(run.exitCode == 0, "\(command): \(run.standardError)")
      return run
    }
    let imported = try run("kess", ReleasedFeatureFiles.importArguments)
    #expect(imported.standardOutput.contains("16 videos, 124 files"))
    let trained = try run(
      "train-dbm",
      [
        "--features", "imported", "--preset", "no-dbm", "--encoder", "builtin", "--epochs", "1",
        "--set", "modelWidth=32", "--set", "maximumSnippets=32",
      ])
    #expect(trained.standardError.contains("features: 12 of 12 videos"))
    let detected = try run("detect", ["--dataset", "ucf", "--evaluate", "--json"])
    #expect(detected.standardOutput.contains("\"videos\" : 4"))
  }
}
