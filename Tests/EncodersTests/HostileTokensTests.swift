import Encoders
import Foundation
import Records
import TestSupport
import Testing

/// A thousand strings, forty of them of about 100 kB; see make_hostile_tokens.py.
struct HostileStrings: Decodable {
  struct Tokens: Decodable {
    var count: Int
    var hash: String
  }

  struct Entry: Decodable {
    var text: String
    var times: Int?
    var clip: Tokens
    var bert: Tokens
    var minilm: Tokens

    var whole: String { String(repeating: text, count: times ?? 1) }
  }

  var strings: [Entry]

  static func read() throws -> HostileStrings {
    try JSONRecord.read(HostileStrings.self, from: Golden.url("hostile-tokens.json"))
  }

  /// The strings whose tokens are others than the reference's.
  func differences(
    _ tokenizer: any TextTokenizer, _ expected: KeyPath<Entry, Tokens>
  ) -> [String] {
    strings.compactMap { entry in
      let ids = tokenizer.tokens(of: entry.whole)
      let hash = ContentHash.of(Data(ids.map(String.init).joined(separator: ",").utf8))
      let reference = entry[keyPath: expected]
      return ids.count == reference.count && hash.hasPrefix(reference.hash)
        ? nil : "\(entry.text.prefix(60).debugDescription) x \(entry.times ?? 1): \(ids.count)"
    }
  }
}

@Suite(.blocking) struct HostileTokensTests {
  private let hostile: HostileStrings

  init() throws {
    hostile = try HostileStrings.read()
    try #require(hostile.strings.count == 1000)
    try #require(hostile.strings.count { $0.whole.utf8.count > 90_000 } >= 38)
  }

  @Test("a thousand hostile strings give CLIP's tokens")
  func clip() throws {
    let tokenizer = try CLIPTokenizer(directory: Golden.url("clip"))
    #expect(hostile.differences(tokenizer, \.clip) == [])
  }

  @Test("a thousand hostile strings give BERT's tokens")
  func bert() throws {
    let tokenizer = try WordPieceTokenizer(directory: Golden.url("bert"))
    #expect(hostile.differences(tokenizer, \.bert) == [])
  }

  @Test("the comparison fails where a tokenizer is another's")
  func theComparisonCanFail() throws {
    let tokenizer = try WordPieceTokenizer(directory: Golden.url("bert"))
    #expect(hostile.differences(tokenizer, \.minilm).count > 800)
  }
}
