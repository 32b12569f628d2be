import DescriptionFeatures
import Encoders
import Records
import Tensors
import Testing

/// One token per character, like a byte-level tokenizer on ideographs.
private struct CharacterCounter: TextEncoder {
  let identity = EncoderIdentity(kind: "test", model: "characters", dimension: 1)
  let maximumTokens: Int? = 6
  func tokenCount(of text: String) -> Int { text.count + 2 }
  func encodeTexts(_ texts: [String]) -> Tensor<Float> { Tensor(shape: [texts.count, 1]) }
}

/// A server without a tokenizer.
private struct Uncounted: TextEncoder {
  let identity = EncoderIdentity(kind: "http", model: "m", dimension: 1)
  let maximumTokens: Int? = 77
  func tokenCount(of text: String) throws -> Int {
    throw EncoderError.tokenCountUnknown(encoder: "m")
  }
  func encodeTexts(_ texts: [String]) -> Tensor<Float> { Tensor(shape: [texts.count, 1]) }
}

@Suite struct TextChunkerTests {
  private func pieces(
    _ text: String, limit: Int? = nil, _ rule: LongTextRule = .sentences, prefix: String = ""
  ) throws -> TextChunker.Pieces {
    try TextChunker(encoder: WordEncoder(limit: limit), rule: rule, prefix: prefix)
      .pieces(of: text)
  }

  @Test("a text that fits is one piece under every rule", arguments: LongTextRule.allCases)
  func aTextThatFits(rule: LongTextRule) throws {
    let pieces = try pieces("a b. c d.", limit: 6, rule)
    #expect(pieces.texts == ["a b. c d."])
    #expect(pieces.tokensBefore == 6 && pieces.tokensRead == 6)
  }

  @Test("without a limit nothing is cut")
  func withoutALimit() throws {
    #expect(try pieces(String(repeating: "word ", count: 500)).texts.count == 1)
  }

  @Test("sentences are packed under the limit")
  func sentencesArePacked() throws {
    let pieces = try pieces("One two. Three four. Five six seven. Eight.", limit: 6)
    #expect(pieces.texts == ["One two. Three four.", "Five six seven. Eight."])
    #expect(pieces.tokens == [6, 6])
    #expect(pieces.tokensBefore == 10 && pieces.tokensRead == 10)
  }

  @Test("a prefix counts in every piece")
  func aPrefixCounts() throws {
    let pieces = try pieces("One two. Three four. Five six seven. Eight.", limit: 7, prefix: "q: ")
    #expect(pieces.texts == ["One two. Three four.", "Five six seven. Eight."])
    #expect(pieces.tokens == [7, 7])
  }

  @Test("a sentence over the limit is cut between words and loses none")
  func aLongSentence() throws {
    let words = (0..<23).map { "w\($0)" }.joined(separator: " ")
    let pieces = try pieces("Short one. \(words).", limit: 7)
    #expect(pieces.tokens.allSatisfy { ($0 ?? 99) <= 7 })
    #expect(pieces.texts.joined(separator: " ") == "Short one. \(words).")
  }

  @Test("a word over the limit is cut between characters and loses none")
  func aLongWord() throws {
    let text = "ab. " + String(repeating: "火", count: 11) + "x"
    let pieces = try TextChunker(encoder: CharacterCounter()).pieces(of: text)
    #expect(pieces.texts == ["ab.", "火火火火", "火火火火", "火火火x"])
  }

  @Test("windows overlap by half and cover every word")
  func windows() throws {
    let words = (0..<9).map { "w\($0)" }.joined(separator: " ")
    let pieces = try pieces(words, limit: 6, .windows)
    #expect(pieces.texts == ["w0 w1 w2 w3", "w2 w3 w4 w5", "w4 w5 w6 w7", "w6 w7 w8"])
  }

  @Test("truncation makes one piece, and reports the lost tokens")
  func truncation() throws {
    let pieces = try pieces("a b c d e f g h", limit: 6, .truncate)
    #expect(pieces.texts == ["a b c d e f g h"])
    #expect(pieces.tokensBefore == 10 && pieces.tokensRead == 6)
  }

  @Test("a server that cannot count tokens may only truncate")
  func aServerThatCannotCount() throws {
    #expect(try TextChunker(encoder: Uncounted(), rule: .truncate).pieces(of: "a").texts == ["a"])
    let error = #expect(throws: DescriptionFeatureError.self) {
      try TextChunker(encoder: Uncounted()).pieces(of: "a")
    }
    #expect(error?.description.contains("--tokenizer") == true)
  }

  @Test("quotes stay with their sentence, and ideographic ends need no space")
  func sentences() {
    #expect(
      TextChunker.sentences(of: "He shouted \"stop!\" Then 3.5 men ran. ")
        == ["He shouted \"stop!\"", "Then 3.5 men ran."])
    #expect(
      TextChunker.sentences(of: "两人打架。「停！」他跑了。 End.")
        == ["两人打架。", "「停！」", "他跑了。", "End."])
  }
}
