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

  @Test(
    "the digest does not depend on where the bytes are cut",
    arguments: [
      // FIPS 180-4's examples and NIST's long message; the empty one and the block's edges by
      // sha256sum.
      ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      ("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
      ("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
      ("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
      ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
  func knownVectors(text: String, times: Int, digest: String) {
    let bytes = Data(String(repeating: text, count: times).utf8)
    #expect(ContentHash.of(bytes) == digest)
    for cut in [0, 1, 55, 63, 64, 65, bytes.count] where cut <= bytes.count {
      var hash = ContentHash()
      hash.update(bytes[..<cut])
      hash.update(bytes[cut...])
      #expect(hash.finalize() == digest)
    }
  }

  @Test func aCopyIsAValueOfItsOwn() {
    var one = ContentHash()
    one.update(Data("ab".utf8))
    var two = one
    two.update(Data("x".utf8))
    one.update(Data("c".utf8))
    #expect(one.finalize() == abc)
    #expect(two.finalize() == ContentHash.of(Data("abx".utf8)))
    // The digest so far can be asked for, and more added.
    one.update(Data("d".utf8))
    #expect(one.finalize() == ContentHash.of(Data("abcd".utf8)))
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
