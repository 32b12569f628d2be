import Encoders
import Foundation
import TestSupport
import Testing

@Suite struct CLIPTokenizerTests {
  private let record: GoldenRecord

  init() throws { record = try GoldenRecord.read() }

  @Test func hostileStringsGiveTheReferencesTokens() throws {
    let tokenizer = try CLIPTokenizer(directory: Golden.url("clip"))
    #expect(record.clipStrings.count >= 300)
    for entry in record.clipStrings {
      #expect(
        tokenizer.tokens(of: entry.text, maximumCount: 77) == entry.ids,
        "\(entry.text.debugDescription)")
      #expect(tokenizer.tokens(of: entry.text).count == entry.count)
    }
  }

  @Test func vocabularyAndMergesAloneGiveTheSame() throws {
    let folder = try ModelFolder.copy(
      of: "clip", omitting: ["tokenizer.json", "tokenizer_config.json"])
    let tokenizer = try CLIPTokenizer(directory: folder.url)
    for entry in record.clipStrings {
      #expect(
        tokenizer.tokens(of: entry.text, maximumCount: 77) == entry.ids,
        "\(entry.text.debugDescription)")
    }
  }

  @Test func specialTokensMarkedNormalizedAreFoundInLowerCasedText() throws {
    let folder = try ModelFolder.copy(
      of: "clip",
      replacing: [
        "tokenizer.json": try ModelFolder.edited(
          "clip/tokenizer.json", [("\"normalized\": false", "\"normalized\": true")])
      ])
    let tokenizer = try CLIPTokenizer(directory: folder.url)
    for entry in record.normalizedSpecials {
      #expect(tokenizer.tokens(of: entry.text) == entry.ids, "\(entry.text)")
    }
  }

  @Test func aCutKeepsTheEndToken() throws {
    let tokenizer = try CLIPTokenizer(directory: Golden.url("clip"))
    let ids = tokenizer.tokens(of: String(repeating: "fire ", count: 200), maximumCount: 77)
    #expect(ids.count == 77)
    #expect(ids.first == tokenizer.startID && ids.last == tokenizer.endID)
  }

  @Test func aVeryLongWordTakesNoQuadraticTime() throws {
    let tokenizer = try CLIPTokenizer(directory: Golden.url("clip"))
    // A quadratic join of this word would take minutes.
    #expect(tokenizer.tokens(of: String(repeating: "the", count: 200_000)).count > 1000)
  }

  @Test(arguments: [
    ("tokenizer.json", "\"type\": \"BPE\"", "\"type\": \"Unigram\"", "Unigram"),
    ("tokenizer.json", "\"<|endoftext|>\"", "\"<|end|>\"", "<|endoftext|>"),
    ("tokenizer.json", "\"id\": 1012", "\"id\": -3", "id -3"),
    ("merges.txt", "t h\n", "t zz\n", "zz"),
    ("merges.txt", "t h\n", "t\n", "'t'"),
  ])
  func aDamagedTokenizerIsRefused(file: String, old: String, new: String, mention: String) throws {
    let folder = try ModelFolder.copy(
      of: "clip", omitting: file == "merges.txt" ? ["tokenizer.json"] : [],
      replacing: [file: try ModelFolder.edited("clip/\(file)", [(old, new)])])
    let error = #expect(throws: EncoderError.self) { try CLIPTokenizer(directory: folder.url) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }
}
