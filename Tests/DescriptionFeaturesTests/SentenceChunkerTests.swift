import DescriptionFeatures
import Encoders
import Tensors
import Testing

/// One token a word and two for the ends, as CLIP counts.
private struct WordCounter: TextEncoder {
  let identity = EncoderIdentity(kind: "test", model: "words", dimension: 1)
  var maximumTokens: Int?
  func tokenCount(of text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count + 2 }
  func encodeTexts(_ texts: [String]) -> Tensor<Float> { Tensor(shape: [texts.count, 1]) }
}

@Suite struct SentenceChunkerTests {
  @Test func aTextThatFitsIsOnePiece() throws {
    let chunks = try SentenceChunker(encoder: WordCounter(maximumTokens: 10)).chunks(
      of: "a b. c d.")
    #expect(chunks.map(\.text) == ["a b. c d."])
    #expect(chunks.map(\.tokens) == [6])
  }

  @Test func withoutALimitNothingIsCut() throws {
    let text = String(repeating: "word ", count: 500)
    #expect(try SentenceChunker(encoder: WordCounter()).chunks(of: text).count == 1)
  }

  @Test func sentencesArePackedUnderTheLimit() throws {
    let chunks = try SentenceChunker(encoder: WordCounter(maximumTokens: 6))
      .chunks(of: "One two. Three four. Five six seven. Eight.")
    #expect(chunks.map(\.text) == ["One two. Three four.", "Five six seven. Eight."])
  }

  @Test func aSentenceOverTheLimitIsCutBetweenWordsAndLosesNone() throws {
    let words = (0..<23).map { "w\($0)" }
    let chunks = try SentenceChunker(encoder: WordCounter(maximumTokens: 7))
      .chunks(of: "Short one. " + words.joined(separator: " ") + ".")
    #expect(chunks.allSatisfy { $0.tokens <= 7 })
    let joined = chunks.map(\.text).joined(separator: " ")
    #expect(joined == "Short one. " + words.joined(separator: " ") + ".")
  }

  @Test func quotesStayWithTheirSentence() {
    #expect(
      SentenceChunker.sentences(of: "He shouted \"stop!\" Then 3.5 men ran. ")
        == ["He shouted \"stop!\"", "Then 3.5 men ran."])
  }
}
