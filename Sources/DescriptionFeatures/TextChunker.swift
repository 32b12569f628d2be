import Encoders

/// What is done with a text that is longer than the encoder reads.
public enum LongTextRule: String, Codable, Sendable, CaseIterable {
  /// The encoder cuts it; the rest is lost, and counted as lost.
  case truncate
  /// Whole sentences packed under the limit; a sentence that is too long by
  /// itself is cut between words, a word between characters.
  case sentences
  /// Runs of words as long as fit, each beginning in the middle of the one before.
  case windows

  /// The rule with its version: part of the key of what it made.
  var versionedName: String { "\(rawValue)-2" }
}

/// Cuts a text that is longer than an encoder reads into pieces that fit.
public struct TextChunker: Sendable {
  /// A text as the encoder gets it.
  public struct Pieces: Sendable, Equatable {
    /// In order, each within the limit unless the rule is to truncate.
    public var texts: [String]
    /// The tokens of each piece; nil where the encoder cannot count.
    public var tokens: [Int?]
    /// The tokens of the whole text before any cut.
    public var tokensBefore: Int?
    /// How many of them the encoder reads.
    public var tokensRead: Int?
  }

  private let encoder: any TextEncoder
  private let rule: LongTextRule
  private let prefix: String

  /// - Parameter prefix: what the encoder gets before every piece; it counts.
  public init(encoder: any TextEncoder, rule: LongTextRule = .sentences, prefix: String = "") {
    self.encoder = encoder
    self.rule = rule
    self.prefix = prefix
  }

  /// The pieces of a text. No word is lost, unless the rule is to truncate.
  ///
  /// - Throws: `DescriptionFeatureError.tokensUnknown` where the rule needs counts
  ///   that the encoder does not have.
  public func pieces(of text: String) throws -> Pieces {
    let count: Int
    do {
      count = try tokens(text)
    } catch EncoderError.tokenCountUnknown {
      guard rule == .truncate else {
        throw DescriptionFeatureError.tokensUnknown(
          encoder: encoder.identity.description, rule: rule.rawValue)
      }
      return Pieces(texts: [text], tokens: [nil], tokensBefore: nil, tokensRead: nil)
    }
    guard let limit = encoder.maximumTokens, count > limit else {
      return Pieces(texts: [text], tokens: [count], tokensBefore: count, tokensRead: count)
    }
    let texts: [String]
    switch rule {
    case .truncate:
      return Pieces(texts: [text], tokens: [limit], tokensBefore: count, tokensRead: limit)
    case .sentences: texts = try packed(Self.sentences(of: text), limit: limit)
    case .windows: texts = try runs(ofWordsIn: text, limit: limit) { max(1, $0 / 2) }
    }
    return Pieces(
      texts: texts, tokens: try texts.map(tokens), tokensBefore: count, tokensRead: count)
  }

  private func tokens(_ text: String) throws -> Int { try encoder.tokenCount(of: prefix + text) }

  /// Sentences packed greedily.
  private func packed(_ sentences: [String], limit: Int) throws -> [String] {
    var pieces: [String] = []
    var start = 0
    while start < sentences.count {
      let count = try fitting(sentences[start...], limit: limit)
      if count > 0 {
        pieces.append(sentences[start..<start + count].joined(separator: " "))
        start += count
      } else {
        pieces += try runs(ofWordsIn: sentences[start], limit: limit) { $0 }
        start += 1
      }
    }
    return pieces
  }

  /// Runs of words as long as fit; a word over the limit is cut between characters.
  ///
  /// - Parameter step: after how many words of a run the next one begins.
  private func runs(ofWordsIn text: String, limit: Int, step: (_ count: Int) -> Int) throws
    -> [String]
  {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    var pieces: [String] = []
    var start = 0
    while start < words.count {
      let count = try fitting(words[start...], limit: limit)
      guard count > 0 else {
        pieces += try parts(of: words[start], limit: limit)
        start += 1
        continue
      }
      pieces.append(words[start..<start + count].joined(separator: " "))
      if start + count == words.count { break }
      start += step(count)
    }
    return pieces
  }

  /// A word that is too long by itself, cut between characters.
  private func parts(of word: String, limit: Int) throws -> [String] {
    let characters = word.map(String.init)
    var pieces: [String] = []
    var start = 0
    while start < characters.count {
      // A single character over the limit, or a prefix that fills it, goes to the
      // encoder as it is.
      let count = max(1, try fitting(characters[start...], limit: limit, separator: ""))
      pieces.append(characters[start..<start + count].joined())
      start += count
    }
    return pieces
  }

  /// How many of the first units fit together: doubled until they do not, then halved.
  private func fitting(_ units: ArraySlice<String>, limit: Int, separator: String = " ") throws
    -> Int
  {
    func fits(_ count: Int) throws -> Bool {
      try tokens(units.prefix(count).joined(separator: separator)) <= limit
    }
    var good = 0
    var bad = 1
    while bad <= units.count, try fits(bad) {
      good = bad
      bad *= 2
    }
    bad = min(bad, units.count + 1)
    while bad - good > 1 {
      let middle = (good + bad) / 2
      if try fits(middle) { good = middle } else { bad = middle }
    }
    return good
  }

  /// Sentences, trimmed, none empty: Latin closing marks end one where white space
  /// follows, ideographic ones always.
  public static func sentences(of text: String) -> [String] {
    var sentences: [String] = []
    var current = ""
    var isClosed = false
    var isClosedAnyway = false
    for character in text {
      let isQuote = "\"')]»”’」』）".contains(character)
      let isMark = ".!?".contains(character)
      let isIdeographicMark = "。！？".contains(character)
      if isClosed, character.isWhitespace || (isClosedAnyway && !isQuote && !isIdeographicMark) {
        sentences.append(current)
        current = ""
        isClosed = false
        isClosedAnyway = false
        if character.isWhitespace { continue }
      }
      current.append(character)
      isClosedAnyway = isIdeographicMark || (isClosedAnyway && isQuote)
      isClosed = isMark || isIdeographicMark || (isClosed && isQuote)
    }
    sentences.append(current)
    return sentences.map { String($0.trimmingPrefix(while: \.isWhitespace)) }
      .filter { !$0.allSatisfy(\.isWhitespace) }
  }
}
