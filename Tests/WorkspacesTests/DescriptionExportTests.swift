import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Description export")
struct DescriptionExportTests {
  @Test("one line a described video, by id, with the timestamps that were shown")
  func lines() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.register(["b", "a", "c"].map { LedgerFixture.video($0) })
    try fixture.answer("b", request: "rb", intent: "ib", text: "A \"quoted\"\nline – ünïcode")
    try fixture.answer("a", request: "ra", intent: "ia", text: "Smoke.")
    let file = fixture.folder.file("descriptions.jsonl")
    try DescriptionExport.write(fixture.ledger, to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    let lines = try text.split(separator: "\n").map {
      try JSONDecoder().decode(DescriptionExport.Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.video) == ["a", "b"])
    #expect(lines[1].text == "A \"quoted\"\nline – ünïcode")
    #expect(lines[1].frameSeconds == [0.5, 2])
    #expect(try lines == DescriptionExport.lines(of: fixture.ledger))
    // The same ledger, the same bytes.
    try DescriptionExport.write(fixture.ledger, to: fixture.folder.file("again.jsonl"))
    #expect(try Data(contentsOf: fixture.folder.file("again.jsonl")) == Data(text.utf8))
  }

  @Test("an empty ledger gives an empty file")
  func empty() throws {
    let fixture = try LedgerFixture()
    try DescriptionExport.write(fixture.ledger, to: fixture.folder.file("d.jsonl"))
    #expect(try Data(contentsOf: fixture.folder.file("d.jsonl")).isEmpty)
  }
}
