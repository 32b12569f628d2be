import Foundation
import TestSupport
import Testing

/// What `kess select` leaves in folders that hold something already.
@Suite(.blocking) struct SelectOutputsCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("v.mp4"), frames: 40)
  }

  private func select(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run(
      "kess", ["select", "v.mp4", "--scorer", "builtin"] + arguments, in: folder.url)
  }

  private func files(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file(name).path).sorted()
  }

  @Test("a file that is no journal is not touched")
  func foreignJournal() throws {
    let notes = folder.file("notes.txt")
    try Data("my precious notes".utf8).write(to: notes)
    let run = try select("--jsonl", "notes.txt")
    #expect(run.exitCode == 65)
    #expect(run.standardError.contains("notes.txt"))
    #expect(try Data(contentsOf: notes) == Data("my precious notes".utf8))
  }

  @Test("a video in the journal is passed over only where its files are there too")
  func journalAndFiles() throws {
    let arguments = ["--jsonl", "all.jsonl", "--frames", "3", "--out"]
    func run(_ out: String, _ more: String...) throws -> String {
      let run = try CommandRun.run(
        "kess", ["select", "v.mp4", "--scorer", "builtin"] + arguments + [out] + more,
        in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
      return run.standardOutput
    }
    #expect(try !run("a").contains("skipped"))
    #expect(try run("a").contains("skipped"))
    #expect(try !run("b").contains("skipped"))
    #expect(try files("a") == files("b"))
    #expect(try !run("b", "--image-format", "png").contains("skipped"))
    #expect(try files("b").contains { $0.hasSuffix(".png") })
  }

  @Test("pictures of an earlier selection into the same folder go; other files stay")
  func earlierPictures() throws {
    #expect(try select("--frames", "8", "--out", "o").exitCode == 0)
    try Data("mine".utf8).write(to: folder.file("o/v-99-mine.jpg"))
    #expect(try select("--frames", "2", "--out", "o").exitCode == 0)
    let pictures = try files("o").filter { $0.hasPrefix("v-") }
    #expect(pictures.count == 3 && pictures.contains("v-99-mine.jpg"), "\(pictures)")
  }

  @Test("embeddings that the scorer has not are a usage error before any work")
  func noEmbeddings() throws {
    let run = try select("--embeddings", "--out", "o")
    #expect(run.exitCode == 64)
    #expect(!FileManager.default.fileExists(atPath: folder.file("o").path))
  }

  @Test("more frames than there can be are all of them")
  func hugeCount() throws {
    let run = try select("--frames", "9223372036854775807", "--out", "o")
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(try files("o").count { $0.hasSuffix(".jpg") && $0.hasPrefix("v-") } == 40)
  }
}
