import Foundation

/// Turns texts into the ids that a model reads.
public protocol TextTokenizer: Sendable {
  /// SHA-256 of the tokenizer's files.
  var filesHash: String { get }
  /// The ids of a text with start and end tokens, uncut.
  func tokens(of text: String) -> [Int]
}

extension CLIPTokenizer: TextTokenizer {}
extension WordPieceTokenizer: TextTokenizer {}

/// A tokenizer without a model, for counting the tokens that a server will read.
public struct TokenCounter: Sendable {
  /// The folder of the files.
  public let directory: URL
  public let tokenizer: any TextTokenizer
  /// The most tokens per text: the folder's `max_seq_length` or `model_max_length`, whichever
  /// is less.
  public let maximumTokens: Int?

  /// Reads CLIP's or BERT's tokenizer from a folder, whichever it has.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  public init(directory: URL) throws {
    self.directory = directory
    let files = TokenizerFiles(directory: directory)
    let kind = try files.json("tokenizer.json")?["model"]?["type"]?.text
    let hasMerges = kind == nil && files.lines("merges.txt") != nil
    tokenizer =
      kind == "BPE" || hasMerges
      ? try CLIPTokenizer(directory: directory) : try WordPieceTokenizer(directory: directory)
    let stated = [
      try files.json("tokenizer_config.json")?["model_max_length"]?.integer,
      try files.json("sentence_bert_config.json")?["max_seq_length"]?.integer,
    ]
    // Files without a limit have 10^30, which is not an `Int`, or other huge numbers.
    maximumTokens = stated.compactMap { $0 }.filter { (2...1 << 24).contains($0) }.min()
  }
}
