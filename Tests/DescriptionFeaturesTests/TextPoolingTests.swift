import DescriptionFeatures
import Foundation
import Testing

@Suite struct TextPoolingTests {
  private func unit(_ row: [Float]) -> [Float] {
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return row.map { $0 / length }
  }

  @Test("a long text's vector is the mean of its pieces' unit vectors, weighted by tokens")
  func theMeanIsWeighted() throws {
    let encoder = WordEncoder(limit: 6)
    let text = "One two three four. Five."
    let pooled = try TextPooling(encoder: encoder).encode([(owner: "v", text: text)])[0].get()
    let (first, second) = (
      unit(encoder.vector(of: "One two three four.")), unit(encoder.vector(of: "Five."))
    )
    let expected = unit(zip(first, second).map { 6 * $0 + 3 * $1 })
    for (found, expected) in zip(pooled.vector, expected) { #expect(abs(found - expected) < 1e-6) }
    #expect(pooled.pieces.map(\.text) == ["One two three four.", "Five."])
    #expect(pooled.tokens == 7 && pooled.tokensRead == 7)
  }

  @Test("the batches' order changes no vector")
  func theOrderChangesNothing() throws {
    let texts = (0..<700).map { number in
      (owner: "\(number)", text: (0...number % 9).map { "w\($0 * number)" }.joined(separator: " "))
    }
    let encoder = WordEncoder()
    let results = try TextPooling(encoder: encoder).encode(texts)
    for (item, result) in zip(texts, results) {
      for (found, expected) in zip(try result.get().vector, unit(encoder.vector(of: item.text))) {
        #expect(abs(found - expected) < 1e-6)
      }
    }
  }

  @Test("an empty text and a non-finite vector fail without stopping the others")
  func failuresStayAlone() throws {
    let results = try TextPooling(encoder: WordEncoder(poison: "bad")).encode([
      (owner: "a", text: "good"), (owner: "b", text: " \n\t"), (owner: "c", text: "a bad one"),
      (owner: "d", text: "fine"),
    ])
    func message(_ index: Int) -> String? {
      if case .failure(let error) = results[index] { return error.description }
      return nil
    }
    #expect(message(0) == nil && message(3) == nil)
    #expect(message(1)?.contains("b: the text is empty") == true)
    #expect(message(2)?.contains("not finite; check its weights") == true)
  }

  @Test("the encoder gets the prefix, which is not part of a piece's text")
  func aPrefix() throws {
    let encoder = WordEncoder()
    let pooled = try TextPooling(encoder: encoder, prefix: "query: ")
      .encode([(owner: "v", text: "a fight")])[0].get()
    #expect(encoder.seen.withLock { $0 } == ["query: a fight"])
    #expect(pooled.pieces.map(\.text) == ["a fight"])
  }
}
