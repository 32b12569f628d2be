import Foundation
import TestSupport
import Testing
import Video

@Suite(.blocking) struct SelectionOutputTests {
  /// ffmpeg's command, where it is installed: nothing else here needs it.
  private static let ffmpeg: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/ffmpeg" }
    .first(where: FileManager.default.isExecutableFile)

  @Test("what the binary writes conforms to the documented schema")
  func schema() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("clip.mp4"), frames: 64, isAnomalous: true)
    let schema = try JSONSchema(
      contentsOf: Golden.url("Documentation/selection.schema.json", in: "../.."))
    for strategy in ["kess", "topk", "aks-compat", "bolt"] {
      let run = try CommandRun.run(
        "kess",
        ["select", "clip.mp4", "--strategy", strategy, "--scorer", "builtin", "--json"],
        in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
      #expect(try schema.problems(in: Data(run.standardOutput.utf8)) == [])
    }
  }

  @Test("frames come as PNG of the size asked for, with timeline, CSV and filter")
  func files() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("clip.mp4"), frames: 64, isAnomalous: true)
    let run = try CommandRun.run(
      "kess",
      [
        "select", "clip.mp4", "--frames", "3", "--scorer", "builtin", "--image-format", "png",
        "--image-size", "48", "--out", "out",
      ], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("out").path)
    let pictures = files.filter { $0.hasSuffix(".png") }
    #expect(pictures.count == 3)
    for picture in pictures {
      let image = try ImageFile.read(path: folder.file("out/\(picture)").path)
      #expect(image.width == 48)
      #expect(image.height == 36)
    }
    for name in ["timeline.svg", "csv", "ffmpeg.txt", "contact.jpg", "selection.json"] {
      #expect(files.contains("clip.\(name)"))
    }
  }

  @Test("a second run with --jsonl does nothing; other settings are done anew")
  func journal() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 20)
    try SmallDataset.clip(to: folder.file("b.mp4"), frames: 20, phase: 5)
    func select(_ arguments: String...) throws -> Int {
      let run = try CommandRun.run(
        "kess", ["select"] + arguments + ["--scorer", "builtin", "--jsonl", "all.jsonl"],
        in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
      return try String(contentsOf: folder.file("all.jsonl"), encoding: .utf8)
        .split(separator: "\n").count
    }
    #expect(try select("a.mp4", "b.mp4") == 2)
    #expect(try select("a.mp4", "b.mp4") == 2)
    #expect(try select("a.mp4", "--frames", "3") == 3)
  }

  @Test("ffmpeg passes exactly the chosen frames through the filter", .enabled(if: ffmpeg != nil))
  func filter() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("clip.mp4"), frames: 64, isAnomalous: true)
    let run = try CommandRun.run(
      "kess",
      [
        "select", "clip.mp4", "--frames", "5", "--scorer", "builtin", "--image-format", "png",
        "--out", "out",
      ], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let expression = try String(contentsOf: folder.file("out/clip.ffmpeg.txt"), encoding: .utf8)
    let passed = try CommandRun.run(
      Self.ffmpeg ?? "",
      [
        "-v", "error", "-i", "clip.mp4", "-vf",
        expression.trimmingCharacters(in: .whitespacesAndNewlines), "-fps_mode", "passthrough",
        "f-%03d.png",
      ], in: folder.url)
    #expect(passed.exitCode == 0, "\(passed.standardError)")
    let chosen = try FileManager.default.contentsOfDirectory(atPath: folder.file("out").path)
      .filter { $0.hasSuffix(".png") }.sorted()
    #expect(chosen.count == 5)
    for (place, name) in chosen.enumerated() {
      let ours = try ImageFile.read(path: folder.file("out/\(name)").path)
      let theirs = try ImageFile.read(
        path: folder.file(String(format: "f-%03d.png", place + 1)).path)
      let difference = zip(ours.pixels, theirs.pixels).map { abs(Int($0) - Int($1)) }
      // The conversion to RGB may round otherwise; another frame differs by far more.
      #expect(Double(difference.reduce(0, +)) / Double(difference.count) < 3)
    }
    #expect(
      !FileManager.default.fileExists(atPath: folder.file("f-006.png").path))
  }
}
