import Foundation
import TestSupport
import Testing

@Suite(.blocking) struct InstalledLayoutTests {
  @Test func anInstalledBinaryFindsItsDataSetsFarFromTheSourceTree() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    try files.createDirectory(at: folder.file("bin"), withIntermediateDirectories: true)
    try files.createDirectory(
      at: folder.file("share/kess/Prompts"), withIntermediateDirectories: true)
    try files.createDirectory(
      at: folder.file("share/kess/Datasets"), withIntermediateDirectories: true)
    try Data(
      """
      name: mine
      title: Mine
      layout: folders
      classes:
        - name: Normal
          isNormal: true
        - name: Theft
      """.utf8
    ).write(to: folder.file("share/kess/Datasets/mine.yaml"))
    try files.copyItem(
      at: CommandRun.binaries.appendingPathComponent("describe"), to: folder.file("bin/describe"))
    let run = try CommandRun.run(
      folder.file("bin/describe").path, ["--dataset", "nothing-like-it"], in: folder.url)
    #expect(run.exitCode == 64)
    #expect(run.lastError.contains("known: mine"))
  }
}
