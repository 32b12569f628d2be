import Foundation
import Records
import TestSupport
import Testing

@Suite struct GitBlobHashTests {
  @Test(
    "a file's hash is what git hash-object says",
    arguments: [
      ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
      ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
      // Three pieces of 1 MiB.
      (String(repeating: "\0", count: 3_000_000), "73e77f405a9ff5ab6f54695cf10e7be6d23c9a4b"),
    ])
  func equalsGits(content: String, hash: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("a")
    try Data(content.utf8).write(to: file)
    #expect(try GitBlobHash.ofFile(at: file) == hash)
  }
}
