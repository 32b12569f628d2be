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

  @Test("a record of an earlier build, with the hash of all bytes, is recognized by that hash")
  func earlierHash() throws {
    let folder = try TemporaryFolder()
    let path = try RecordFixture.clip(in: folder)
    let options = SelectionOptions(frames: 3)
    let scorer = NoveltyScorer()
    var record = try KeyEventSelector.select(path: path, options: options, scorer: scorer).record
    #expect(try record.video?.contentHash == VideoFingerprint.measure(path: path).hash)
    record.video?.contentHash = nil
    record.video?.contentHashRule = nil
    record.video?.sha256 = try ContentHash.ofFile(at: URL(fileURLWithPath: path))
    let file = folder.file("all.jsonl")
    try SelectionJournal(url: file).append(record)
    let journal = try SelectionJournal(url: file)
    #expect(try journal.record(of: path, options: options, scorer: scorer) == record)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try (bytes + [0]).write(to: URL(fileURLWithPath: path))
    #expect(try journal.record(of: path, options: options, scorer: scorer) == nil)
    // Without any hash nothing shows that the video is the same.
    try bytes.write(to: URL(fileURLWithPath: path))
    record.video?.sha256 = nil
    try SelectionJournal(url: file).append(record)
    #expect(
      try SelectionJournal(url: file).record(of: path, options: options, scorer: scorer) == nil)
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

  @Test(
    "a file that is no journal is refused and left as it is, with or without a newline at its end",
    arguments: ["my precious notes", #"{"timestamps":[0,1],"relevance":[1,2]}"#, "a\nb\n"])
  func foreignFile(contents: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("notes.txt")
    try Data(contents.utf8).write(to: file)
    #expect(throws: RecordError.self) { try SelectionJournal(url: file) }
    #expect(try Data(contentsOf: file) == Data(contents.utf8))
  }

  @Test("a line whose lists are not of one length is refused")
  func damagedLine() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("all.jsonl")
    var record = try RecordFixture.record(in: folder)
    record.candidates.relevance.removeLast()
    try (JSONRecord.encode(record, pretty: false) + Data("\n".utf8)).write(to: file)
    let error = #expect(throws: RecordError.self) { try SelectionJournal(url: file) }
    #expect(error?.description.contains("line 1") == true)
  }

  @Test("a place that cannot be written is found out before any work, and named")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    try Data("a file".utf8).write(to: folder.file("f"))
    let error = #expect(throws: RecordError.self) {
      try SelectionJournal(url: folder.file("f/all.jsonl"))
    }
    #expect(error?.description.contains("/f") == true, "\(String(describing: error))")
  }
}
