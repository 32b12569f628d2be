import Foundation
import Records

/// Qwen2's tokenizer, which Qwen2-VL and Qwen2.5-VL share: text in normalisation form
/// C, cut into words, each word's bytes joined by learned pairs. No token is put before or
/// after a text. The tokens are those of transformers' `Qwen2Tokenizer`.
package struct QwenTokenizer: TextTokenizer {
  /// SHA-256 of the tokenizer's files.
  package let filesHash: String
  /// The largest id that a text can have.
  package let largestID: Int
  private let merges: BytePairMerges
  /// The ids of the 256 bytes.
  private let bytes: [Int]
  private let added: AddedTokens
  private let isComposing: Bool

  /// The expression by which Qwen2 cuts words, as in its files; `QwenWords` implements it.
  static let wordExpression =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static let file = "tokenizer.json"

  /// Reads `tokenizer.json`.
  ///
  /// - Throws: `EncoderError.fileMissing`; `.badConfiguration` for a tokenizer with other
  ///   rules.
  package init(directory: URL) throws {
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

  /// Checks that the file's rules are the implemented ones.
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
  package func tokens(of text: String) -> [Int] {
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

/// Qwen2's division of a text into words, `QwenTokenizer.wordExpression` written out: the
/// first alternative that matches at a position is taken, and every character belongs to a
/// word.
enum QwenWords {
  private static let contractions: [[Unicode.Scalar]] = ["s", "t", "re", "ve", "m", "ll", "d"]
    .map { Array($0.unicodeScalars) }

  static func split(_ text: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
    var words: [ArraySlice<Unicode.Scalar>] = []
    var position = 0
    while position < text.count {
      let end = end(ofWordAt: position, in: text)
      words.append(text[position..<end])
      position = end
    }
    return words
  }

  private static func end(ofWordAt start: Int, in text: [Unicode.Scalar]) -> Int {
    if let length = contractionLength(text, start) { return start + length }
    let scalar = text[start]
    if scalar.isLetter { return run(from: start, in: text) { $0.isLetter } }
    // One sign or space belongs to the letters after it.
    let next = start + 1
    if !scalar.isLineEnd, !scalar.isNumber, next < text.count, text[next].isLetter {
      return run(from: next, in: text) { $0.isLetter }
    }
    if scalar.isNumber { return next }
    // A space belongs to the signs after it; line ends follow them.
    let first = scalar == " " && next < text.count ? next : start
    if isSign(text[first]) {
      return run(from: run(from: first, in: text, while: isSign), in: text) { $0.isLineEnd }
    }
    let end = run(from: start, in: text) { $0.isSpace }
    if let lineEnd = text[start..<end].lastIndex(where: \.isLineEnd) { return lineEnd + 1 }
    // The last space before a word belongs to the word.
    return end < text.count && end - start > 1 ? end - 1 : end
  }

  private static func run(
    from start: Int, in text: [Unicode.Scalar], while holds: (Unicode.Scalar) -> Bool
  ) -> Int {
    var end = start
    while end < text.count, holds(text[end]) { end += 1 }
    return end
  }

  /// Neither letter, number nor space.
  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    !scalar.isSpace && !scalar.isLetter && !scalar.isNumber
  }

  private static func contractionLength(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
    guard text[start] == "'" else { return nil }
    let following = text[(start + 1)...].prefix(2).map(\.foldedLetter)
    return contractions.first { following.starts(with: $0) }.map { $0.count + 1 }
  }
}

extension Unicode.Scalar {
  fileprivate var isLineEnd: Bool { self == "\r" || self == "\n" }

  /// A letter of a contraction as the expression compares it: capitals, and the long s,
  /// are the same letter.
  fileprivate var foldedLetter: Unicode.Scalar {
    if self == "\u{17F}" { return "s" }
    guard (0x41...0x5A).contains(value) else { return self }
    return Unicode.Scalar(UInt8(value) + 0x20)
  }
}
