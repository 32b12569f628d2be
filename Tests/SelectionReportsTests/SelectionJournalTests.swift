import Foundation
import KeyEvents
import Records
import SelectionReports
import TestSupport
import Testing
import Video

@Suite struct SelectionJournalTests {
  @Test("a record is found again with equal settings, and not with others")
  func settings() throws {
    let folder = try TemporaryFolder()
    let path = try RecordFixture.clip(in: folder)
    let options = SelectionOptions(frames: 3)
    let scorer = NoveltyScorer()
    let file = folder.file("all.jsonl")
    let record = try KeyEventSelector.select(path: path, options: options, scorer: scorer).record
    try SelectionJournal(url: file).append(record)

    let journal = try SelectionJournal(url: file)
    #expect(try journal.record(of: path, options: options, scorer: scorer) == record)
    #expect(
      try journal.record(of: path, options: SelectionOptions(frames: 4), scorer: scorer) == nil)
    let other = SelectionOptions(frames: 3, parameters: SelectionParameters(spread: 0.7))
    #expect(try journal.record(of: path, options: other, scorer: scorer) == nil)
    try Data("other bytes".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try journal.record(of: path, options: options, scorer: scorer) == nil)
  }

  @Test("a torn last line is cut off, and what is appended then can be read")
  func tornLine() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("all.jsonl")
    let record = try RecordFixture.record(in: folder)
    try SelectionJournal(url: file).append(record)
    let whole = try Data(contentsOf: file)
    try (whole + whole.prefix(100)).write(to: file)
    try SelectionJournal(url: file).append(record)
    #expect(try Data(contentsOf: file) == whole + whole)
  }

  @Test("a line that is no record is refused with its number")
  func foreignLine() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("all.jsonl")
    try Data("{\"a\":1}\n".utf8).write(to: file)
    let error = #expect(throws: RecordError.self) { try SelectionJournal(url: file) }
    #expect(error?.description.contains("line 1") == true)
  }
}
