import Foundation
import TestSupport
import Testing

@Suite(.blocking) struct DemoDataCommandTests {
  @Test("kess demo-data runs the program beside it, with its arguments and its exit code")
  func theProgramIsFound() throws {
    let folder = try TemporaryFolder()
    let help = try CommandRun.run("kess", ["demo-data", "--help"], in: folder.url)
    #expect(help.exitCode == 0)
    #expect(help.standardOutput.contains("USAGE: kess demo-data"))
    #expect(help.standardOutput.contains("--seed"))
    let wrong = try CommandRun.run("kess", ["demo-data", "--clips", "few"], in: folder.url)
    #expect(wrong.exitCode == 64)
    #expect(wrong.standardError.contains("--clips"))
  }

  @Test("kess demo-data real names what is wrong with clips and shuffle")
  func realClips() throws {
    let folder = try TemporaryFolder()
    let none = try CommandRun.run(
      "kess", ["demo-data", "real", ".", "--out", "joined"], in: folder.url)
    #expect(none.exitCode == 65)
    #expect(none.lastError.contains("fi*.mp4") && none.lastError.contains("noFight/"))
    let wrong = try CommandRun.run(
      "kess", ["demo-data", "real", ".", "--out", "joined", "--shuffle", "6"], in: folder.url)
    #expect(wrong.exitCode == 64 && wrong.lastError.contains("expected 1 to 5"))
    let table = try CommandRun.run("kess", ["demo-data", "real-table", "."], in: folder.url)
    #expect(table.exitCode == 65 && table.lastError.contains("make real"))
  }

  @Test("an installed kess, which has no such program beside it, says what to do")
  func withoutTheProgram() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: CommandRun.binaries.appendingPathComponent("kess"), to: folder.file("kess"))
    let run = try CommandRun.run(folder.file("kess").path, ["demo-data"], in: folder.url)
    #expect(run.exitCode == 65)
    #expect(run.lastError.contains("kess-demo-data") && run.lastError.contains("make demo-data"))
  }
}
