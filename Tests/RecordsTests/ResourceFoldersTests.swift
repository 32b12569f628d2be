import Foundation
import Records
import TestSupport
import Testing

@Suite struct ResourceFoldersTests {
  private func makeResources(_ folder: URL) throws {
    for name in ["Prompts", "Datasets"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
  }

  @Test func anInstalledBinaryFindsItsShareFolder() throws {
    let folder = try TemporaryFolder()
    try makeResources(folder.file("prefix/share/kess"))
    let found = try ResourceFolders.find(
      environment: [:], executable: folder.file("prefix/bin/kess"))
    #expect(found.prompts.path == folder.file("prefix/share/kess/Prompts").path)
  }

  @Test func aBinaryInABuildFolderFindsItsSourceTree() throws {
    let folder = try TemporaryFolder()
    try makeResources(folder.file("tree"))
    let found = try ResourceFolders.find(
      environment: [:], executable: folder.file("tree/.build/release/kess"))
    #expect(found.root.path == folder.file("tree").path)
  }

  @Test func theNamedFolderWinsAndMustHoldBoth() throws {
    let folder = try TemporaryFolder()
    try makeResources(folder.file("mine"))
    let environment = ["KESS_RESOURCES": folder.url.path]
    #expect(
      try ResourceFolders.find(override: folder.file("mine").path, environment: environment)
        .root.path == folder.file("mine").path)
    #expect(throws: RecordError.self) { try ResourceFolders.find(environment: environment) }
  }
}
