import Foundation
import Records
import TestSupport
import Testing

@Suite struct ContentHashTests {
  // sha256sum of the bytes "abc" (FIPS 180-4, appendix B.1).
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func itIsSHA256() {
    #expect(ContentHash.of(Data("abc".utf8)) == abc)
  }

  @Test func aFileHashesLikeItsBytes() throws {
    let folder = try TemporaryFolder()
    let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try bytes.write(to: folder.file("f"))
    #expect(try ContentHash.ofFile(at: folder.file("f")) == ContentHash.of(bytes))
  }

  @Test func stringsInARowDoNotRunTogether() {
    var one = ContentHash()
    one.update("ab")
    one.update("c")
    var two = ContentHash()
    two.update("a")
    two.update("bc")
    #expect(one.finalize() != two.finalize())
  }
}
