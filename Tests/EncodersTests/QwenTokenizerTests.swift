import Encoders
import Foundation
import Records
import TestSupport
import Testing

/// A tokenizer of Qwen2's kind against transformers': see make_qwen.py.
@Suite struct QwenTokenizerTests {
  private struct Record: Decodable {
    struct Entry: Decodable {
      var text: String
      var ids: [Int]
    }
    var strings: [Entry]
  }

  @Test("plain and hostile strings give transformers' tokens")
  func golden() throws {
    let record = try JSONRecord.read(Record.self, from: Golden.url("qwen-tokens.json"))
    #expect(record.strings.count > 400)
    let tokenizer = try QwenTokenizer(directory: Golden.url("qwen"))
    for entry in record.strings {
      #expect(tokenizer.tokens(of: entry.text) == entry.ids, "\(entry.text.debugDescription)")
    }
  }

  @Test("a very long word takes no quadratic time")
  func longWord() throws {
    let tokenizer = try QwenTokenizer(directory: Golden.url("qwen"))
    #expect(tokenizer.tokens(of: String(repeating: "the", count: 200_000)).count > 1000)
  }

  @Test(
    "a tokenizer of other rules is refused, and the file named",
    arguments: [
      ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "Unigram"),
      ("\"type\": \"NFC\"", "\"type\": \"NFKC\"", "NFKC"),
      ("\"behavior\": \"Isolated\"", "\"behavior\": \"Removed\"", "pre-tokenizer"),
      ("(?i:'s|'t", "(?i:'x|'t", "words cut by"),
      ("\"use_regex\": false", "\"use_regex\": true", "pre-tokenizer"),
      ("\"ignore_merges\": false", "\"ignore_merges\": true", "model 'BPE'"),
    ])
  func otherRules(from: String, to: String, says: String) throws {
    let text = try String(contentsOf: Golden.url("qwen/tokenizer.json"), encoding: .utf8)
    #expect(text.contains(from))
    let folder = try TemporaryFolder()
    try Data(text.replacing(from, with: to).utf8).write(to: folder.file("tokenizer.json"))
    let error = #expect(throws: EncoderError.self) { try QwenTokenizer(directory: folder.url) }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    #expect(error?.description.contains("tokenizer.json") == true)
  }

  @Test("a folder without the file says what to copy")
  func missing() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: EncoderError.self) { try QwenTokenizer(directory: folder.url) }
    #expect(error?.description.contains("copy it from the folder of the model") == true)
  }
}
