import Foundation
import TestSupport

/// A folder with short videos that differ, and the built `describe` to run on them.
struct DescribeBench: Sendable {
  let folder: TemporaryFolder

  /// Renders the videos into `videos/`.
  init(videos count: Int) throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.file("videos"), withIntermediateDirectories: true)
    for number in 0..<count {
      try SmallDataset.clip(
        to: folder.file(String(format: "videos/v%03d.mp4", number)), frames: 20 + number % 8,
        phase: number * 3)
    }
  }

  /// Describes the videos by a server's answers.
  func describe(
    _ server: FaultInjectingServer, _ more: [String] = [],
    whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    try CommandRun.run(
      "describe",
      [
        "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin", "--frames", "2",
        "--no-preflight",
      ]
        + more,
      in: folder.url, whileRunning: whileRunning)
  }

  /// Runs another subcommand in the folder.
  func command(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run("describe", arguments, in: folder.url)
  }

  /// What `descriptions.jsonl` of a workspace holds: texts by video.
  func exportedTexts(workspace: String = "workspaces/videos") throws -> [String: String] {
    struct Line: Decodable {
      var video: String
      var text: String
    }
    let file = folder.file(workspace).appendingPathComponent("descriptions.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      .reduce(into: [:]) { $0[$1.video] = $1.text }
  }
}
