import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Description export")
struct DescriptionExportTests {
  let fixture: LedgerFixture
  var folder: TemporaryFolder { fixture.folder }

  init() throws {
    fixture = try LedgerFixture()
    try fixture.ledger.register(
      ["b", "a", "c"].map { LedgerFixture.video($0) } + [LedgerFixture.video("t", split: "test")])
    try fixture.answer("b", request: "rb", intent: "ib", text: "A \"quoted\"\nline – ünïcode")
    try fixture.answer(
      "a", request: "ra", intent: "ia", text: "Smoke, then fire.",
      findings: [.truncated, .nearDuplicate], structured: "{\"event\":\"fire\"}")
    try fixture.answer("t", request: "rt", intent: "it", text: "A street.")
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.file(name), encoding: .utf8)
  }

  @Test("one line a described video, by id, with the timestamps that were shown")
  func lines() throws {
    try DescriptionExport.write(fixture.ledger, to: folder.file("descriptions.jsonl"))
    let text = try text("descriptions.jsonl")
    #expect(text.hasSuffix("\n"))
    let lines = try text.split(separator: "\n").map {
      try JSONDecoder().decode(DescriptionExport.Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.video) == ["a", "b", "t"])
    #expect(lines[1].text == "A \"quoted\"\nline – ünïcode")
    #expect(lines[1].frameSeconds == [0.5, 2])
    #expect(lines.map(\.findings) == [[.truncated, .nearDuplicate], [], []])
    #expect(lines.map(\.structured) == ["{\"event\":\"fire\"}", nil, nil])
    #expect(try lines == DescriptionExport.lines(of: fixture.ledger))
    // The same ledger, the same bytes.
    try DescriptionExport.write(fixture.ledger, to: folder.file("again.jsonl"))
    #expect(try self.text("again.jsonl") == text)
  }

  @Test("a split and a limit leave out the rest")
  func parts() throws {
    var seen: [String] = []
    try DescriptionExport.forEachLine(of: fixture.ledger, split: "test") { seen.append($0.video) }
    try DescriptionExport.forEachLine(of: fixture.ledger, limit: 2) { seen.append($0.video) }
    try DescriptionExport.forEachLine(of: fixture.ledger, split: "train", limit: 1) {
      seen.append($0.video)
    }
    #expect(seen == ["t", "a", "b", "a"])
  }

  @Test("an empty ledger gives an empty file")
  func empty() throws {
    let fixture = try LedgerFixture()
    try DescriptionExport.write(fixture.ledger, to: fixture.folder.file("d.jsonl"))
    #expect(try Data(contentsOf: fixture.folder.file("d.jsonl")).isEmpty)
  }

  @Test("a table quotes what holds commas, quotes and lines")
  func table() throws {
    try DescriptionTable.write(fixture.ledger, to: folder.file("d.csv"))
    let text = try text("d.csv")
    #expect(text.hasPrefix("video,split,text,status,"))
    #expect(
      text.contains(
        "\na,train,\"Smoke, then fire.\",complete,truncated nearDuplicate,\"{\"\"event\"\":\"\"fire\"\"}\",openai,m,describe,1,p,s,ra,0.5 2.0,"
      ))
    #expect(text.contains("\nb,train,\"A \"\"quoted\"\"\nline – ünïcode\",complete,"))
  }

  @Test("a hub folder has a file a split, named by its content, and a README that names them")
  func hub() throws {
    let hub = folder.file("hub")
    func dataFiles() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: hub.appendingPathComponent("data").path)
        .sorted()
    }
    try HubDataset.write(fixture.ledger, to: hub, name: "mine")
    let first = try dataFiles()
    #expect(first.count == 2 && first[0].hasPrefix("test-") && first[1].hasPrefix("train-"))
    let readme = try text("hub/README.md")
    for file in first { #expect(readme.contains("path: data/\(file)\n")) }
    #expect(readme.contains("| train | 2 |"))
    let line = try text("hub/data/\(first[0])").split(separator: "\n")
    #expect(line.count == 1 && line[0].contains("\"video\":\"t\""))
    // Written again with more: the old file goes, the unchanged one stays.
    try fixture.answer("c", request: "rc", intent: "ic", text: "A car.")
    try HubDataset.write(fixture.ledger, to: hub, name: "mine")
    let second = try dataFiles()
    #expect(second.count == 2 && second[0] == first[0] && second[1] != first[1])
    #expect(try text("hub/README.md").contains("path: data/\(second[1])\n"))
  }

  @Test("a folder with somebody else's README is left alone")
  func foreignFolder() throws {
    let readme = folder.file("README.md")
    try Data("# mine\n".utf8).write(to: readme)
    #expect(throws: WorkspaceError.self) {
      try HubDataset.write(fixture.ledger, to: folder.url, name: "mine")
    }
    #expect(try text("README.md") == "# mine\n")
    #expect(!FileManager.default.fileExists(atPath: folder.file("data").path))
  }

  @Test("a README that is no UTF-8, or cannot be read, is somebody else's too")
  func foreignBytes() throws {
    let readme = folder.file("README.md")
    let bytes = Data("Beschreibung: Stra".utf8) + [0xDF] + Data("e\n".utf8)
    try bytes.write(to: readme)
    #expect(throws: WorkspaceError.self) {
      try HubDataset.write(fixture.ledger, to: folder.url, name: "mine")
    }
    #expect(try Data(contentsOf: readme) == bytes)
    let odd = folder.file("odd")
    try FileManager.default.createDirectory(
      at: odd.appendingPathComponent("README.md"), withIntermediateDirectories: true)
    let error = try #require(throws: WorkspaceError.self) {
      try HubDataset.write(fixture.ledger, to: odd, name: "mine")
    }
    #expect(error.failureKind == .usage)
  }
}
