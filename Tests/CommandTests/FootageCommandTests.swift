import Foundation
import Records
import TestSupport
import Testing

/// Footage as recorders leave it, through the commands: masks, squeezed pictures, clocks.
@Suite(.blocking) struct FootageCommandTests {
  private let folder: TemporaryFolder
  private static let mask = #"{"ignore": [[[0,0],[0.5,0],[0.5,0.5],[0,0.5]]]}"#

  init() throws {
    folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("videos/v.mp4"), frames: 48)
    try Data(Self.mask.utf8).write(to: folder.file("mask.json"))
  }

  private func run(_ command: String, _ arguments: String...) throws -> CommandRun {
    try CommandRun.run(command, arguments, in: folder.url)
  }

  private func select(_ arguments: String...) throws -> [String: Any] {
    let run = try CommandRun.run(
      "kess", ["select", "videos/v.mp4", "--frames", "3", "--out", "o", "--json"] + arguments,
      in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let record = try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8))
    return try #require((record as? [String: Any])?["video"] as? [String: Any])
  }

  @Test func theRecordNamesMaskAndShape() throws {
    let plain = try select()
    #expect(plain["view"] == nil && plain["coded"] == nil)
    let width = try #require(plain["width"] as? Int)
    let wide = try select("--pixel-aspect", "2:1", "--mask", "mask.json")
    #expect(wide["width"] as? Int == 2 * width)
    let coded = try #require(wide["coded"] as? [String: Any])
    #expect(coded["width"] as? Int == width && coded["pixelAspect"] as? String == "2:1")
    let view = try #require(wide["view"] as? [String: Any])
    #expect((view["mask"] as? String)?.count == 64 && view["pixelAspect"] as? String == "2:1")
  }

  @Test func anotherMaskIsAnotherSelection() throws {
    func line(_ arguments: String...) throws -> String {
      let run = try CommandRun.run(
        "kess", ["select", "videos/v.mp4", "--jsonl", "all.jsonl", "--out", "o"] + arguments,
        in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
      return run.standardOutput
    }
    #expect(try !line().contains("skipped"))
    #expect(try line().contains("skipped"))
    #expect(try !line("--mask", "mask.json").contains("skipped"))
    #expect(try line("--mask", "mask.json").contains("skipped"))
  }

  @Test func featuresOfAMaskHaveAKeyOfTheirOwn() throws {
    func features(_ arguments: String...) throws -> String {
      let run = try CommandRun.run(
        "kess", ["features", "videos/v.mp4", "--visual", "builtin"] + arguments, in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
      return try #require(run.standardOutput.split(separator: "\n").last.map(String.init))
    }
    let plain = try features()
    let masked = try features("--mask", "mask.json")
    #expect(plain != masked)
    #expect(try features("--mask", "mask.json") == masked)
    let store = try #require(masked.split(separator: " ").last.map(String.init))
    let provenance = try String(contentsOfFile: store + "/provenance.json", encoding: .utf8)
    #expect(provenance.contains("\"views\" :") || provenance.contains("\"views\":"))
  }

  @Test(arguments: [
    ("--mask", "none.json", "none.json: no such file"),
    ("--mask", "videos/v.mp4", "not a usable mask"),
    ("--pixel-aspect", "wide", "wide"), ("--pixel-aspect", "20:1", "20:1"),
  ])
  func badViewsAreRefused(_ option: String, _ value: String, _ words: String) throws {
    for command in [["kess", "select"], ["kess", "features"]] {
      let run = try CommandRun.run(
        command[0], [command[1], "videos/v.mp4", option, value], in: folder.url)
      #expect([64, 65].contains(run.exitCode), "\(run.exitCode)")
      #expect(run.standardError.contains(words), "\(run.standardError)")
    }
  }

  @Test func aDescriptorsMaskReachesSelectionsAndFeatures() throws {
    let descriptor = """
      name: yard
      title: Yard
      layout: folders
      classes: [{name: normal, isNormal: true}, {name: videos}]
      pixelAspect: {"v*": 2:1}
      ignore: mask.json
      """
    try Data(descriptor.utf8).write(to: folder.file("yard.yaml"))
    let described = try run(
      "describe", "run", "--dataset", "yard.yaml", "--root", ".", "--workspace", "w",
      "--describer", "builtin", "--split", "all")
    #expect(described.exitCode == 0, "\(described.standardError)")
    let selections = folder.file("w/selections")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: selections.path).first)
    let record = try String(
      contentsOf: selections.appendingPathComponent("\(name)/v.selection.json"), encoding: .utf8)
    #expect(record.contains("\"mask\"") && record.contains("2:1"))

    // Without the mask it is another question, with it the same one.
    func describedAgain() throws -> String {
      let run = try self.run(
        "describe", "run", "--dataset", "yard.yaml", "--root", ".", "--workspace", "w",
        "--describer", "builtin", "--split", "all")
      return run.standardOutput
    }
    #expect(try describedAgain().contains("0 described, 1 kept"))
    let plain = descriptor.replacingOccurrences(of: "ignore: mask.json", with: "")
    try Data(plain.utf8).write(to: folder.file("yard.yaml"))
    #expect(try describedAgain().contains("1 described, 0 kept"))
  }

  // MARK: - Clocks

  @Test func aJumpingClockIsToldByEveryCommandAndLeavesNoGap() throws {
    let path = folder.file("jump/jump.ts")
    try FileManager.default.createDirectory(
      at: folder.file("jump"), withIntermediateDirectories: true)
    try TransportStream.withJump(ofSeconds: 40_000).write(to: path)
    let words = "the clock jumps forward by "
    let selected = try run("kess", "select", "jump/jump.ts", "--frames", "3", "--out", "o")
    #expect(selected.exitCode == 0 && selected.standardError.contains(words))
    let features = try run("kess", "features", "jump/jump.ts", "--visual", "builtin")
    #expect(features.standardError.contains(words), "\(features.standardError)")
    #expect(features.standardOutput.contains(" 10.0"), "\(features.standardOutput)")
    let doctor = try run("describe", "doctor", "--dataset", "jump")
    #expect(doctor.exitCode == 2 && doctor.standardOutput.contains(words))
    let plan = try run(
      "describe", "plan", "--dataset", "jump", "--split", "all", "--segment", "2",
      "--describer", "builtin")
    #expect(plan.exitCode == 0 && plan.standardError.contains(words), "\(plan.standardError)")
    let described = try run(
      "describe", "run", "--dataset", "jump", "--split", "all", "--segment", "2",
      "--describer", "builtin")
    #expect(described.exitCode == 0, "\(described.standardError)")
    let export = try String(
      contentsOf: folder.file("workspaces/jump/descriptions.jsonl"), encoding: .utf8)
    #expect(export.split(separator: "\n").count < 5, "\(export)")
    #expect(plan.standardOutput.contains("\(export.split(separator: "\n").count) requests"))
  }

  @Test func squeezedPicturesAreNoted() throws {
    try SmallDataset.clip(to: folder.file("squeezed/a.mp4"), frames: 4, width: 960, height: 1080)
    let doctor = try run("describe", "doctor", "--dataset", "squeezed")
    #expect(doctor.standardOutput.contains("--pixel-aspect 2:1"), "\(doctor.standardOutput)")
    let right = try run("describe", "doctor", "--dataset", "squeezed", "--pixel-aspect", "2:1")
    #expect(right.exitCode == 0 && right.standardOutput.contains("nothing found"))
    let selected = try run("kess", "select", "squeezed/a.mp4", "--frames", "1", "--out", "o")
    #expect(selected.standardOutput.contains("note: 960x1080 pixels without an aspect ratio"))
  }
}
