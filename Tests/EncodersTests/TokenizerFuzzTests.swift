import Encoders
import Foundation
import Records
import TestSupport
import Testing

/// Good tokenizer files with random changes: an error, or a tokenizer whose ids are
/// within its own bounds, never a crash. `KESS_SOAK` runs a hundred times as many.
@Suite(.blocking) struct TokenizerFuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["KESS_SOAK"] == "1" ? 30_000 : 60

  private static let texts = [
    "", "two men fight", "[CLS] [SEP] <|endoftext|>", "日本語 e\u{301}\u{0} 😀 'S don't",
    String(repeating: "ab", count: 80),
  ]

  private static let words = [
    "0", "-1", "1e308", "9223372036854775807", "18446744073709551616", "0.5", "null", "true",
    "\"\"",
    "[", "]", "{", "}", ",", ":", "\"", "\\u0000", "\\ud800", "\\", "\"id\"", "\"content\"",
    "\"vocab\"", "\"merges\"", "\"BPE\"", "\"WordPiece\"", "\"Unigram\"", "##", "</w>", "[UNK]",
    "<|endoftext|>", " ", "\n", "\r\n", "\u{FEFF}",
  ]

  private func check(
    _ model: String, files: [String], omitting: Set<String>, seed: UInt64,
    _ read: (URL) throws -> (tokens: (String) -> [Int], largest: Int)
  ) throws {
    var mutator = ByteMutator(words: Self.words, using: SeededGenerator(seed: seed))
    var opened = 0
    for name in files {
      let good = try Data(contentsOf: Golden.url("\(model)/\(name)"))
      let folder = try ModelFolder.copy(
        of: model, omitting: omitting.union([name, "model.safetensors"]))
      for round in 0..<Self.rounds {
        // Half of the changes near the start, where the settings are.
        let end = round % 2 == 0 ? min(good.count, 600) : good.count
        try mutator.mutated(good, in: 0..<end).write(to: folder.file(name))
        do {
          let tokenizer = try read(folder.url)
          opened += 1
          for text in Self.texts {
            let ids = tokenizer.tokens(text)
            #expect(ids.allSatisfy { (0...tokenizer.largest).contains($0) }, "\(name)")
          }
        } catch let error as any ReportableError {
          #expect(!error.description.isEmpty)
        }
      }
    }
    #expect(opened > 0)
  }

  @Test("changed BERT tokenizers")
  func bert() throws {
    let read = { (url: URL) in
      let tokenizer = try WordPieceTokenizer(directory: url)
      return (tokens: { tokenizer.tokens(of: $0) }, largest: tokenizer.largestID)
    }
    try check(
      "bert", files: ["tokenizer.json", "tokenizer_config.json"], omitting: [], seed: 21, read)
    try check("bert", files: ["vocab.txt"], omitting: ["tokenizer.json"], seed: 22, read)
  }

  @Test("changed CLIP tokenizers")
  func clip() throws {
    let read = { (url: URL) in
      let tokenizer = try CLIPTokenizer(directory: url)
      return (tokens: { tokenizer.tokens(of: $0) }, largest: tokenizer.largestID)
    }
    try check(
      "clip", files: ["tokenizer.json", "tokenizer_config.json"], omitting: [], seed: 23, read)
    try check(
      "clip", files: ["vocab.json", "merges.txt"], omitting: ["tokenizer.json"], seed: 24, read)
  }
}
