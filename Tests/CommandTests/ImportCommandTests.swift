import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Workspaces

@Suite(.blocking) struct ImportCommandTests {
  /// Features of the released form and UCA-like sentences of our own.
  private struct Place {
    let folder: TemporaryFolder

    init(width: Int = 8) throws {
      folder = try TemporaryFolder()
      var rows = (train: ["path,label"], test: ["path,label"])
      var annotation: [String] = []
      var uca: [String] = []
      for number in 0..<8 {
        for (label, level) in [("Normal", 0.0), ("Abuse", 1.0)] {
          let isTest = number >= 6
          let name = label == "Normal" ? "Normal_Videos00\(number)_x264" : "Abuse00\(number)_x264"
          let values = (0..<20 * 10 * width).map { index in
            Float(level * (index / (10 * width) > 9 ? 1 : 0)) + Float((index * 7 + number) % 5) / 50
          }
          try FileManager.default.createDirectory(
            at: folder.file("npy"), withIntermediateDirectories: true)
          try Npy.write(
            Tensor(shape: [20, 10, width], scalars: values), to: folder.file("npy/\(name)_i3d.npy"))
          let row = "/elsewhere/\(name)_i3d.npy,\(label)"
          if isTest { rows.test.append(row) } else { rows.train.append(row) }
          if isTest {
            annotation.append(
              "\(name).mp4  \(label)  \(label == "Normal" ? "-1  -1" : "161  320")  -1  -1")
          }
          let words =
            level > 0 ? "Someone is hit, case \(number)" : "People pass by, case \(number)"
          uca.append(
            """
            "\(name)": {"duration": 10.7, "timestamps": [[5.0, 9.0], [0.0, 4.0]],
              "sentences": ["\(words)", "A street with \(number) parked cars."]}
            """)
        }
      }
      for (name, text) in [
        ("i3d.csv", rows.train.joined(separator: "\n")),
        ("i3d_test.csv", rows.test.joined(separator: "\n")),
        ("annotation.txt", annotation.joined(separator: "\n") + "\n"),
        ("uca.json", "{" + uca.joined(separator: ",\n") + "}"),
      ] {
        try Data(text.utf8).write(to: folder.file(name))
      }
    }

    func run(_ command: String, _ arguments: [String], exitCode: Int32 = 0) throws -> CommandRun {
      let run = try CommandRun.run(command, arguments, in: folder.url)
      #expect(run.exitCode == exitCode, "\(command) \(arguments): \(run.standardError)")
      return run
    }

    func importFeatures() throws -> CommandRun {
      try run(
        "kess",
        [
          "features", "import", "--features", "npy", "--list", "i3d.csv", "--list",
          "i3d_test.csv", "--annotation", "annotation.txt", "--workspace", "w",
        ])
    }
  }

  @Test(
    "imported sentences and I3D features are embedded, trained on and reported, without a video")
  func endToEnd() throws {
    let place = try Place(width: 2048)
    let features = try place.importFeatures()
    #expect(features.standardOutput.contains("16 videos, 16 files"))
    #expect(features.standardOutput.contains("width 2048, up to 10 crops, axes n-crop-d"))
    let import1 = try place.run(
      "describe", ["import", "uca.json", "--format", "uca", "--dataset", "ucf", "--workspace", "w"])
    #expect(import1.standardOutput.contains("16 videos with 32 sentences (imported: uca)"))
    let again = try place.run(
      "describe", ["import", "uca.json", "--format", "uca", "--dataset", "ucf", "--workspace", "w"])
    #expect(again.standardOutput.contains("nothing to do: 16 descriptions are there already"))
    #expect(
      try place.run("describe", ["status", "--workspace", "w"]).standardOutput
        .contains("imported: uca"))
    _ = try place.run("describe", ["verify", "--workspace", "w"])

    let embedded = try place.run(
      "embed", ["--encoder", "builtin", "--workspace", "w", "--describer", "uca"])
    #expect(embedded.standardOutput.contains("16 embedded"))
    _ = try place.run(
      "train-dbm",
      [
        "--workspace", "w", "--features", "imported", "--encoder", "builtin", "--epochs", "1",
        "--set", "modelWidth=16", "--set", "maximumSnippets=32",
      ])
    let workspace = try Workspace.open(at: place.folder.file("w"))
    struct Record: Decodable {
      struct Encoder: Decodable { var dimension: Int }
      var describers: [String: Int]
      var visualEncoder: Encoder
      var absentVideos: [String]?
    }
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: workspace.runsFolder.path).first)
    let record = try JSONRecord.read(
      Record.self, from: workspace.runFolder(run).appendingPathComponent("config.json"))
    #expect(record.describers == [#"{"kind":"imported","model":"uca"}"#: 12])
    #expect(record.visualEncoder.dimension == 2048 && record.absentVideos == nil)
    let detected = try place.run(
      "detect", ["--dataset", "ucf", "--workspace", "w", "--evaluate", "--json"])
    #expect(detected.standardOutput.contains("\"videos\" : 4"))
    let page = try String(
      contentsOf: workspace.reportFolder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(page.contains("imported: uca"))
    #expect(page.contains("<span class=\"badge\">imported</span> imported: uca"))
    #expect(page.contains("<span class=\"badge\">imported</span> Described by imported: uca"))
    #expect(page.contains("A street with 6 parked cars. Someone is hit, case 6."))
    let summary = try place.run("detect", ["summary", "--workspace", "w"])
    #expect(summary.standardOutput.contains("imported: uca"))
  }

  @Test("bad entries are named on stderr, the rest is imported, exit code 2; usage is 64")
  func badEntries() throws {
    let place = try Place()
    _ = try place.importFeatures()
    try Data(
      """
      {"video": "Abuse001_x264.mp4", "caption": "Somebody is pushed."}
      {"video": "Abuse002_x264.mp4", "caption": ""}
      {"video": "Abuse999_x264.mp4", "caption": "Nobody."}
      """.utf8
    ).write(to: place.folder.file("own.jsonl"))
    let common = ["--workspace", "w", "--dataset", "ucf"]
    let run = try place.run(
      "describe", ["import", "own.jsonl", "--format", "jsonl"] + common, exitCode: 2)
    #expect(run.standardError.contains("own.jsonl:2: found an empty text"))
    #expect(run.standardError.contains("1 names in the file fit no video: Abuse999_x264.mp4"))
    #expect(run.standardOutput.contains("1 added"))
    let json = try place.run(
      "describe", ["import", "own.jsonl", "--format", "jsonl", "--json"] + common, exitCode: 2)
    struct Report: Decodable {
      var unchanged: Int
      var describers: [String]
    }
    let report = try JSONDecoder().decode(
      Report.self, from: Data(json.standardOutput.utf8))
    #expect(report.unchanged == 1 && report.describers == ["own"])
    for arguments in [
      ["import", "own.jsonl"], ["import", "own.jsonl", "--format", "xml"],
      ["import", "own.jsonl", "--format", "jsonl", "--level", "clip"],
      ["import", "own.jsonl", "--format", "jsonl", "--describer", " "],
    ] {
      _ = try place.run("describe", arguments + common, exitCode: 64)
    }
    _ = try place.run("describe", ["import", "none", "--format", "csv"] + common, exitCode: 65)
    let unknown = try place.run(
      "embed", ["--encoder", "builtin", "--workspace", "w", "--describer", "gpt"], exitCode: 65)
    #expect(unknown.standardError.contains("no descriptions by 'gpt'; name one of: imported: own"))
  }

  @Test("20,000 lines go into a table's workspace in one piece, also after a kill")
  func manyLines() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.file("v"), withIntermediateDirectories: true)
    var table = "video,class\n"
    var lines = ""
    for number in 0..<2000 {
      try Data("\(number)".utf8).write(to: folder.file("v/cam\(number).mp4"))
      table += "cam\(number).mp4,\(number % 2 == 0 ? "normal" : "theft")\n"
      for second in 0..<10 {
        lines +=
          "{\"video\": \"cam\(number)\", \"start\": \(second), \"end\": \(second + 1), "
          + "\"text\": \"At second \(second) somebody passes sign \(number).\"}\n"
      }
    }
    try Data(table.utf8).write(to: folder.file("v/videos.csv"))
    try Data(lines.utf8).write(to: folder.file("own.jsonl"))
    let arguments = [
      "import", "own.jsonl", "--format", "jsonl", "--dataset", "v/videos.csv", "--workspace", "w",
    ]
    func described() throws -> Int {
      guard FileManager.default.fileExists(atPath: folder.file("w/ledger.sqlite").path) else {
        return 0
      }
      let ledger = try Ledger(at: folder.file("w/ledger.sqlite"))
      defer { try? ledger.close() }
      return try ledger.counts().descriptions
    }
    _ = try CommandRun.run("describe", arguments, in: folder.url) { process in
      while process.isRunning {
        // As soon as the ledger's log grows: in the middle of the transaction.
        let bytes = FileSize.bytes(at: folder.file("w/ledger.sqlite-wal")) ?? 0
        if bytes > 200_000 { break }
      }
      kill(process.processIdentifier, SIGKILL)
    }
    #expect([0, 2000].contains(try described()))
    let run = try CommandRun.run("describe", arguments, in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(run.standardOutput.contains("2000 videos with 20000 sentences"))
    #expect(try described() == 2000)
    let verify = try CommandRun.run("describe", ["verify", "--workspace", "w"], in: folder.url)
    #expect(verify.exitCode == 0, "\(verify.standardOutput)")
  }
}
