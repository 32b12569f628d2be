import Foundation
import Records
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func writingReplacesTheContentAndMakesFolders() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("a/b/record.json")
    try AtomicFile.write(Data("one".utf8), to: file)
    try AtomicFile.write(Data("two".utf8), to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "two")
  }

  @Test func aFailedWriteLeavesTheOldContentAndNoTemporaryFile() throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    let file = folder.file("record.json")
    try AtomicFile.write(Data("old".utf8), to: file)
    #expect(throws: RecordError.self) {
      try AtomicFile.write(to: file) { temporary in
        try Data("half".utf8).write(to: temporary)
        throw Stop()
      }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(left == ["record.json"])
  }

  @Test func aFolderInTheWayIsNamedInTheError() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.file("x/inside"), withIntermediateDirectories: true)
    let error = #expect(throws: RecordError.self) {
      try AtomicFile.write(Data(), to: folder.file("x"))
    }
    #expect(error?.description.contains(folder.file("x").path) == true)
  }
}
