import Foundation
import TestSupport
import Testing

/// What bad input gets: one line with subject, finding and remedy, and the exit
/// code of its kind.
@Suite(.blocking) struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var command: String
    var arguments: [String]
    var exitCode: Int32
    var subject: String
    var testDescription: String { ([command] + arguments).joined(separator: " ") }
  }

  private static func makeFiles(in folder: TemporaryFolder) throws {
    let files = FileManager.default
    try SmallDataset.clip(to: folder.file("good.mp4"), frames: 40)
    let whole = try Data(contentsOf: folder.file("good.mp4"))
    try whole.prefix(whole.count / 2).write(to: folder.file("truncated.mp4"))
    try Data().write(to: folder.file("empty.mp4"))
    try Data("Just words.\n".utf8).write(to: folder.file("text.mp4"))
    try files.createDirectory(at: folder.file("folder.mp4"), withIntermediateDirectories: true)
    try Data("name: x\ntitle: X\nlayout: ucf\nclasses: []\ncolour: red\n".utf8)
      .write(to: folder.file("unknown-key.yaml"))
    try files.createDirectory(at: folder.file("old"), withIntermediateDirectories: true)
    try Data(#"{"format": 99, "dataset": "x", "created": "2020-01-01T00:00:00Z"}"#.utf8)
      .write(to: folder.file("old/workspace.json"))
    try Data("not a checkpoint".utf8).write(to: folder.file("bad.safetensors"))
    try files.createDirectory(at: folder.file("videos"), withIntermediateDirectories: true)
    try SmallDataset.clip(to: folder.file("videos/one.mp4"), frames: 20)
  }

  @Test(arguments: [
    Case(
      command: "kess", arguments: ["select", "missing.mp4"], exitCode: 65, subject: "missing.mp4"),
    Case(command: "kess", arguments: ["select", "empty.mp4"], exitCode: 65, subject: "empty.mp4"),
    Case(
      command: "kess", arguments: ["select", "truncated.mp4"], exitCode: 65,
      subject: "truncated.mp4"),
    Case(command: "kess", arguments: ["select", "text.mp4"], exitCode: 65, subject: "text.mp4"),
    Case(
      command: "kess", arguments: ["select", "folder.mp4"], exitCode: 65, subject: "folder.mp4"),
    Case(
      command: "kess", arguments: ["select", "good.mp4", "--spread", "2"], exitCode: 64,
      subject: "--spread"),
    Case(
      command: "kess", arguments: ["select", "good.mp4", "--clip-model", "nowhere/at-all"],
      exitCode: 65, subject: "nowhere/at-all"),
    Case(
      command: "kess", arguments: ["encode", "good.mp4", "--out", "x.txt"], exitCode: 64,
      subject: "--out"),
    Case(
      command: "describe", arguments: ["--dataset", "unknown-key.yaml", "--root", "videos"],
      exitCode: 65, subject: "colour"),
    Case(
      command: "describe", arguments: ["--dataset", "ucg"], exitCode: 64, subject: "ucg"),
    Case(
      command: "describe", arguments: ["--dataset", "ucf", "--root", "nowhere"], exitCode: 65,
      subject: "nowhere"),
    Case(
      command: "describe",
      arguments: ["--dataset", "videos", "--endpoint", "http://127.0.0.1:9/v1"], exitCode: 69,
      subject: "127.0.0.1:9"),
    Case(
      command: "describe", arguments: ["--dataset", "videos", "--workspace", "old"], exitCode: 65,
      subject: "old"),
    Case(
      command: "embed", arguments: ["--workspace", "nowhere"], exitCode: 65, subject: "nowhere"),
    Case(
      command: "train-dbm", arguments: ["--dataset", "videos", "--preset", "no-dbm"],
      exitCode: 65, subject: "label"),
    Case(
      command: "train-dbm", arguments: ["--preset", "everything"], exitCode: 64,
      subject: "everything"),
    Case(
      command: "detect", arguments: ["good.mp4", "--checkpoint", "bad.safetensors"],
      exitCode: 65, subject: "bad.safetensors"),
    Case(
      command: "detect", arguments: ["good.mp4", "--checkpoint", "missing.safetensors"],
      exitCode: 65, subject: "missing.safetensors"),
    Case(command: "detect", arguments: [], exitCode: 64, subject: "--dataset"),
  ])
  func badInputGetsOneClearLine(_ item: Case) throws {
    let folder = try TemporaryFolder()
    try Self.makeFiles(in: folder)
    let run = try CommandRun.run(item.command, item.arguments, in: folder.url)
    #expect(run.exitCode == item.exitCode, "\(run.standardError)")
    let said = run.standardError.split(separator: "\n").filter {
      $0.lowercased().hasPrefix("error:")
    }
    #expect(said.count == 1, "\(run.standardError)")
    #expect(said.first?.contains(item.subject) == true, "\(run.standardError)")
    #expect(run.standardOutput.isEmpty)
  }

  @Test(arguments: ["kess", "describe", "embed", "train-dbm", "detect"])
  func helpNamesTheExitCodes(command: String) throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun.run(command, ["--help"], in: folder.url)
    #expect(run.exitCode == 0)
    let text = run.standardOutput.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("69 server unreachable"))
  }
}
