import Foundation
import Records

/// Qwen2's tokenizer, which Qwen2-VL and Qwen2.5-VL share: text in normalisation form
/// C, cut into words, each word's bytes joined by learned pairs. Nothing is put before
/// or after a text. Token for token as transformers' `Qwen2Tokenizer`.
public struct QwenTokenizer: TextTokenizer {
  /// SHA-256 of the files that it was read from.
  public let filesHash: String
  /// The largest id that a text can give.
  public let largestID: Int
  private let merges: BytePairMerges
  /// The ids of the 256 bytes.
  private let bytes: [Int]
  private let added: AddedTokens
  private let isComposing: Bool

  /// How Qwen2 cuts words, as its files write it: what `QwenWords` does.
  static let wordExpression =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static let file = "tokenizer.json"

  /// Reads `tokenizer.json`.
  ///
  /// - Throws: `EncoderError.fileMissing`; `.badConfiguration` for a tokenizer that
  ///   works by other rules.
  public init(directory: URL) throws {
    let files = TokenizerFiles(directory: directory)
    filesHash = files.hash
    guard let tokenizer = try files.json(Self.file) else {
      throw EncoderError.fileMissing(
        folder: directory.path, file: Self.file,
        remedy: "copy it from the folder of the model that the server serves")
    }
    isComposing = try Self.checked(tokenizer, files)
    let vocabulary = try files.vocabulary(tokenizer["model"]?["vocab"], in: Self.file)
    let pairs = try files.pairs(tokenizer["model"]?["merges"], in: Self.file)
    merges = try BytePairMerges(pairs, vocabulary: vocabulary, files: files, name: Self.file)
    bytes = try ByteLevelAlphabet.letters.map { letter in
      guard let id = vocabulary[Array(String(letter).utf8)] else {
        throw files.bad(Self.file, "no token for the byte '\(letter)'", "one for each byte")
      }
      return id
    }
    added = try files.addedTokens(tokenizer, configuration: nil)
    largestID = max(vocabulary.values.max() ?? 0, added.tokens.map(\.id).max() ?? 0)
  }

  /// Makes sure that the file's rules are those that are carried out here.
  ///
  /// - Returns: whether texts are composed first.
  private static func checked(_ tokenizer: StrictJSON, _ files: TokenizerFiles) throws -> Bool {
    let model = tokenizer["model"]
    let kind = model?["type"]?.text ?? "none"
    guard kind == "BPE", model?["ignore_merges"]?.flag != true,
      model?["byte_fallback"]?.flag != true
    else { throw files.bad(file, "model '\(kind)'", "a plain 'BPE'") }
    let steps = tokenizer["pre_tokenizer"]?["pretokenizers"]?.items ?? []
    let kinds = steps.map { $0["type"]?.text ?? "none" }
    guard kinds == ["Split", "ByteLevel"], steps[0]["behavior"]?.text == "Isolated",
      steps[0]["invert"]?.flag != true, steps[1]["use_regex"]?.flag == false,
      steps[1]["add_prefix_space"]?.flag != true
    else {
      throw files.bad(file, "the pre-tokenizer \(kinds)", "Qwen2's, a Split and then ByteLevel")
    }
    let expression = steps[0]["pattern"]?["Regex"]?.text ?? "none"
    guard expression == wordExpression else {
      throw files.bad(file, "words cut by '\(expression)'", "Qwen2's '\(wordExpression)'")
    }
    switch tokenizer["normalizer"]?["type"]?.text {
    case nil: return false
    case "NFC": return true
    case let other?: throw files.bad(file, "the normalizer '\(other)'", "'NFC' or none")
    }
  }

  /// The ids of a text, special tokens in it included.
  public func tokens(of text: String) -> [Int] {
    let pieces = added.split(Array(text.unicodeScalars)) { isComposing ? $0.composed : $0 }
    var ids: [Int] = []
    for piece in pieces {
      switch piece {
      case .token(let id): ids.append(id)
      case .text(let scalars):
        for word in QwenWords.split(scalars) {
          let symbols = word.flatMap { Array(String($0).utf8) }.map { bytes[Int($0)] }
          ids += merges.apply(to: symbols)
        }
      }
    }
    return ids
  }
}
