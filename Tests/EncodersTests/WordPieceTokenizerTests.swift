import Encoders
import Foundation
import TestSupport
import Testing

@Suite struct WordPieceTokenizerTests {
  private let record: GoldenRecord

  init() throws { record = try GoldenRecord.read() }

  @Test func hostileStringsGiveTheReferencesTokens() throws {
    let tokenizer = try WordPieceTokenizer(directory: Golden.url("bert"))
    #expect(record.bertStrings.count >= 300)
    for entry in record.bertStrings {
      #expect(
        tokenizer.tokens(of: entry.text, maximumCount: 48) == entry.ids,
        "\(entry.text.debugDescription)")
      #expect(tokenizer.tokens(of: entry.text).count == entry.count)
    }
  }

  @Test func aVocabularyFileAloneGivesTheSame() throws {
    let folder = try ModelFolder.copy(
      of: "bert", omitting: ["tokenizer.json", "tokenizer_config.json"])
    let tokenizer = try WordPieceTokenizer(directory: folder.url)
    for entry in record.bertStrings {
      #expect(
        tokenizer.tokens(of: entry.text, maximumCount: 48) == entry.ids,
        "\(entry.text.debugDescription)")
    }
  }

  @Test func aCasedModelKeepsCaseAndAccents() throws {
    let folder = try ModelFolder.copy(
      of: "bert",
      replacing: [
        "tokenizer.json": try ModelFolder.edited(
          "bert/tokenizer.json", [("\"lowercase\": true", "\"lowercase\": false")])
      ])
    let tokenizer = try WordPieceTokenizer(directory: folder.url)
    for (entry, ids) in zip(record.bertStrings, record.bertCased) {
      #expect(tokenizer.tokens(of: entry.text) == ids, "\(entry.text.debugDescription)")
    }
  }

  @Test func aFolderWithoutAVocabularyIsRefused() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: EncoderError.self) { try WordPieceTokenizer(directory: folder.url) }
    #expect(error?.description.contains("vocab.txt") == true)
  }
}
