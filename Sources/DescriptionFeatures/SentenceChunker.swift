import Encoders

/// Cuts a text that is longer than an encoder reads into pieces that fit:
/// whole sentences packed greedily, a sentence that is too long by itself cut
/// between words. No word is lost.
public struct SentenceChunker: Sendable {
  private let encoder: any TextEncoder

  public init(encoder: any TextEncoder) {
    self.encoder = encoder
  }

  /// The pieces of `text` in order, each within the encoder's limit, with
  /// their token counts. One piece when the text fits or there is no limit.
  public func chunks(of text: String) throws -> [(text: String, tokens: Int)] {
    let tokens = try encoder.tokenCount(of: text)
    guard let limit = encoder.maximumTokens, tokens > limit else { return [(text, tokens)] }
    var result: [(text: String, tokens: Int)] = []
    var open = ""
    func close() throws {
      guard !open.isEmpty else { return }
      result.append((open, try encoder.tokenCount(of: open)))
      open = ""
    }
    for sentence in Self.sentences(of: text) {
      let joined = open.isEmpty ? sentence : open + " " + sentence
      if try encoder.tokenCount(of: joined) <= limit {
        open = joined
        continue
      }
      try close()
      if try encoder.tokenCount(of: sentence) <= limit {
        open = sentence
        continue
      }
      for word in sentence.split(whereSeparator: \.isWhitespace) {
        let joined = open.isEmpty ? String(word) : open + " " + word
        if try encoder.tokenCount(of: joined) > limit { try close() }
        // A single word over the limit stays whole: the encoder cuts it, and
        // the count of tokens says so.
        open = open.isEmpty ? String(word) : open + " " + word
      }
    }
    try close()
    return result
  }

  /// Sentences by closing punctuation followed by white space, trimmed, none empty.
  public static func sentences(of text: String) -> [String] {
    var sentences: [String] = []
    var current = ""
    var closed = false
    for character in text {
      if closed, character.isWhitespace {
        sentences.append(current)
        current = ""
        closed = false
        continue
      }
      current.append(character)
      closed =
        ".!?。！？".contains(character) || (closed && "\"')]»”’".contains(character))
    }
    sentences.append(current)
    return sentences.map { $0.trimmingPrefix(while: \.isWhitespace) }
      .map { String($0) }.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}
