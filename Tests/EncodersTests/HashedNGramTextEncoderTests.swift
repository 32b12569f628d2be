import Encoders
import Foundation
import Records
import Tensors
import Testing

@Suite struct HashedNGramTextEncoderTests {
  private let encoder = HashedNGramTextEncoder()

  private func cosine(_ a: String, _ b: String) throws -> Float {
    let rows = try encoder.encodeTexts([a, b])
    return zip(rows[row: 0].scalars, rows[row: 1].scalars).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test func theSameTextGivesTheSameBitsOnEveryMachine() throws {
    let row = try encoder.encodeTexts(["A red car hits 2 people at 18.0 s, then stops."])
    #expect(row.shape == [1, 512])
    let hash = row.scalars.withUnsafeBytes { ContentHash.of(Data($0)) }
    #expect(hash == "91f37476308ead5fceefd4f7dced8af8dfb494b87bcb468e442fc2be11a09928")
  }

  @Test func everyRowHasLengthOne() throws {
    let rows = try encoder.encodeTexts(["fire", "", "a b a b a b", "🔥", "word " + "x y z " + "!"])
    for row in 0..<rows.shape[0] {
      let length = rows[row: row].scalars.reduce(0) { $0 + $1 * $1 }
      #expect(abs(length - 1) < 1e-5)
    }
  }

  @Test func nearbyTextsAreNearerThanOthers() throws {
    let base = "a large region moves fast in the lower left of the frame"
    let near = try cosine(base, "a large region moves slowly in the lower left of the frame")
    let reordered = try cosine(base, "left lower the frame of in the moves fast region large a")
    let far = try cosine(base, "bright flash, nobody present, camera still")
    #expect(near > reordered && reordered > far && abs(far) < 0.25)
  }

  @Test func caseAndSpacingDoNotMatterButOrderDoes() throws {
    #expect(try cosine("Fire near  the DOOR!", "fire near the door") > 0.999_99)
    #expect(try cosine("man hits dog", "dog hits man") < 0.95)
  }

  @Test func numbersAreComparedBySize() throws {
    #expect(try cosine("at 12.5 s", "at 18 s") > 0.999_99)
    #expect(try cosine("at 18 s", "at 0018.75 s") > 0.999_99)
    #expect(try cosine("at 18 s", "at 40 s") < 0.9)
    #expect(try cosine("2 people", "3 people") < 0.9)
    #expect(try cosine("score 0.25", "score 0.03") < 0.9)
    #expect(try cosine("5 people", "5.0 people") > 0.999_99)
  }

  @Test func longTextsAreReadToTheEnd() throws {
    let words = (0..<3000).map { "w\($0)x" }.joined(separator: " ")
    #expect(try cosine(words, words + " and more at the very end") < 0.999_99)
    #expect(try encoder.tokenCount(of: "one, two 3.5!") == 3)
    #expect(encoder.maximumTokens == nil)
    #expect(encoder.identity.model == "hashed-ngrams-v1")
  }
}
