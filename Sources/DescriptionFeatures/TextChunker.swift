import Encoders

/// What happens to a text that is longer than the encoder's limit.
public enum LongTextRule: String, Codable, Sendable, CaseIterable {
  /// The encoder cuts it. The rest is lost, and the summary counts the text as truncated.
  case truncate
  /// Whole sentences are packed into pieces under the limit. A sentence that is too long is cut
  /// between words, a word between characters.
  case sentences
  /// Runs of as many words as fit, each starting in the middle of the one before.
  case windows

  /// The rule with its version: part of the features' key.
  var versionedName: String { "\(rawValue)-2" }
}

/// Cuts a text that is longer than an encoder's limit into pieces that fit.
public struct TextChunker: Sendable {
  /// The pieces of a text that the encoder gets.
  public struct Pieces: Sendable, Equatable {
    /// In order, each within the limit unless the rule is to truncate.
    public var texts: [String]
    /// The tokens of each piece; nil if the encoder cannot count them.
    public var tokens: [Int?]
    /// The tokens of the whole text before any cut.
    public var tokensBefore: Int?
    /// The number of these tokens that the encoder reads.
    public var tokensRead: Int?
  }

  private let encoder: any TextEncoder
  private let rule: LongTextRule
  private let prefix: String

  /// - Parameter prefix: a text before every piece; it counts towards the limit.
  public init(encoder: any TextEncoder, rule: LongTextRule = .sentences, prefix: String = "") {
    self.encoder = encoder
    self.rule = rule
    self.prefix = prefix
  }

  /// The pieces of a text. No word is lost, unless the rule is to truncate.
  ///
  /// - Throws: `DescriptionFeatureError.tokensUnknown` if the rule needs counts that the
  ///   encoder does not have.
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

  /// Runs of as many words as fit; a word over the limit is cut between characters.
  ///
  /// - Parameter step: the number of words of a run after which the next one starts.
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

  /// The parts of a word that is over the limit by itself, cut between characters.
  private func parts(of word: String, limit: Int) throws -> [String] {
    let characters = word.map(String.init)
    var pieces: [String] = []
    var start = 0
    while start < characters.count {
      // A single character over the limit, or one after a prefix that fills the limit, goes to
      // the encoder unchanged.
      let count = max(1, try fitting(characters[start...], limit: limit, separator: ""))
      pieces.append(characters[start..<start + count].joined())
      start += count
    }
    return pieces
  }

  /// The number of leading units that fit together, found by doubling and then bisection.
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

  /// The sentences, trimmed, none empty. A Latin closing mark ends a sentence if white space
  /// follows, an ideographic one always.
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
