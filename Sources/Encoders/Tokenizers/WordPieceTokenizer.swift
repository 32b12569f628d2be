import Foundation

/// BERT's tokenizer: cleaned and, for uncased models, lower-cased text without
/// accents, cut at white space and punctuation; each word as the longest known
/// pieces. The tokens are those of transformers' `BertTokenizer`.
package struct WordPieceTokenizer: Sendable {
  /// SHA-256 of the tokenizer's files.
  package let filesHash: String
  /// The id put before every text, `[CLS]`.
  package let startID: Int
  /// The id put after every text, `[SEP]`.
  package let endID: Int
  private let unknownID: Int
  private let vocabulary: [[UInt8]: Int]
  private let added: AddedTokens
  private let continuation: [UInt8]
  private let longestWord: Int
  private let longestPiece: Int
  private let cleansText: Bool
  private let spacesIdeographs: Bool
  private let stripsAccents: Bool
  private let lowercases: Bool

  /// The largest id that a text can have.
  package var largestID: Int {
    max(vocabulary.values.max() ?? 0, added.tokens.map(\.id).max() ?? 0)
  }

  /// Reads `tokenizer.json`, else `vocab.txt` with `tokenizer_config.json`.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  package init(directory: URL) throws {
    let files = TokenizerFiles(directory: directory)
    filesHash = files.hash
    let configuration = try files.json("tokenizer_config.json")
    let tokenizer = try files.json("tokenizer.json")
    let model = tokenizer?["model"]
    let name: String
    if let model {
      name = "tokenizer.json"
      guard model["type"]?.text == "WordPiece" else {
        throw files.bad(name, "model '\(model["type"]?.text ?? "none")'", "'WordPiece'")
      }
      if let kind = tokenizer?["normalizer"]?["type"]?.text, kind != "BertNormalizer" {
        throw files.bad(name, "normalizer '\(kind)'", "'BertNormalizer'")
      }
      vocabulary = try files.vocabulary(model["vocab"], in: name)
    } else {
      name = "vocab.txt"
      guard let lines = files.lines(name) else {
        throw EncoderError.fileMissing(
          folder: directory.path, file: "tokenizer.json or vocab.txt",
          remedy: "download the tokenizer's files beside the weights")
      }
      vocabulary = Dictionary(
        lines.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { $1 })
    }
    // transformers uses the tokenizer file; the other is for folders without one.
    let normalizer = tokenizer?["normalizer"]
    lowercases =
      normalizer?["lowercase"]?.flag ?? configuration?["do_lower_case"]?.flag ?? true
    stripsAccents =
      normalizer?["strip_accents"]?.flag ?? configuration?["strip_accents"]?.flag ?? lowercases
    cleansText = normalizer?["clean_text"]?.flag ?? true
    spacesIdeographs =
      normalizer?["handle_chinese_chars"]?.flag
      ?? configuration?["tokenize_chinese_chars"]?.flag ?? true
    continuation = Array((model?["continuing_subword_prefix"]?.text ?? "##").utf8)
    longestWord = model?["max_input_chars_per_word"]?.integer ?? 100
    longestPiece = vocabulary.keys.map(\.count).max() ?? 0

    var added = try files.addedTokens(tokenizer, configuration: configuration)
    let vocabulary = self.vocabulary
    func special(_ role: String, _ fallback: String) throws -> Int {
      let entry = configuration?[role]
      let content = entry?.text ?? entry?["content"]?.text ?? fallback
      guard let id = added.id(of: content) ?? vocabulary[Array(content.utf8)] else {
        throw files.bad(name, "no token '\(content)'", "BERT's special tokens")
      }
      added.add(content, id: id)
      return id
    }
    startID = try special("cls_token", "[CLS]")
    endID = try special("sep_token", "[SEP]")
    unknownID = try special("unk_token", model?["unk_token"]?.text ?? "[UNK]")
    for (role, content) in [("pad_token", "[PAD]"), ("mask_token", "[MASK]")] {
      _ = try? special(role, content)
    }
    self.added = added
  }

  /// The ids of a text with start and end tokens, uncut.
  package func tokens(of text: String) -> [Int] {
    var ids = [startID]
    for piece in added.split(Array(text.unicodeScalars), normalize: normalized) {
      switch piece {
      case .token(let id): ids.append(id)
      case .text(let scalars):
        for word in Self.words(scalars) { append(word, to: &ids) }
      }
    }
    return ids + [endID]
  }

  /// The same, cut to `maximumCount` ids of which the last is the end token.
  package func tokens(of text: String, maximumCount: Int) -> [Int] {
    let ids = tokens(of: text)
    return ids.count <= maximumCount ? ids : ids.prefix(maximumCount - 1) + [endID]
  }

  private func normalized(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    if text.isASCII { return normalizedASCII(text) }
    var result = text
    if cleansText {
      result = result.compactMap { scalar in
        if scalar.isRemovedByBERT { return nil }
        return scalar.isSpace ? " " : scalar
      }
    }
    if spacesIdeographs {
      result = result.flatMap { $0.isBERTIdeograph ? [" ", $0, " "] : [$0] }
    }
    if stripsAccents { result = result.decomposed.filter { !$0.isBERTAccent } }
    return lowercases ? result.lowercased : result
  }

  /// The same in one pass: no accents, no ideographs.
  private func normalizedASCII(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      if cleansText {
        if scalar.isRemovedByBERT { continue }
        if scalar.isSpace {
          result.append(" ")
          continue
        }
      }
      let isCapital = lowercases && (0x41...0x5A).contains(scalar.value)
      result.append(isCapital ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar)
    }
    return result
  }

  private static func words(_ text: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
    var words: [ArraySlice<Unicode.Scalar>] = []
    var start = 0
    for (position, scalar) in text.enumerated() {
      let isPunctuation = scalar.isBERTPunctuation
      guard isPunctuation || scalar.isSpace else { continue }
      if start < position { words.append(text[start..<position]) }
      if isPunctuation { words.append(text[position...position]) }
      start = position + 1
    }
    if start < text.count { words.append(text[start...]) }
    return words
  }

  /// Adds the longest known piece, then the longest that continues it, and so
  /// on; the unknown token for a word with an unknown part.
  private func append(_ word: ArraySlice<Unicode.Scalar>, to ids: inout [Int]) {
    guard word.count <= longestWord else {
      ids.append(unknownID)
      return
    }
    var bytes: [UInt8] = []
    // The end of each scalar in `bytes`.
    var ends: [Int] = []
    for scalar in word {
      bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      ends.append(bytes.count)
    }
    var pieces: [Int] = []
    var start = 0
    while start < ends.count {
      let firstByte = start == 0 ? 0 : ends[start - 1]
      var key = start == 0 ? [] : continuation
      let room = longestPiece - key.count
      // The longest piece that could be known, then one scalar shorter each time.
      var end = ends.count
      while end > start, ends[end - 1] - firstByte > room { end -= 1 }
      guard end > start else {
        ids.append(unknownID)
        return
      }
      key += bytes[firstByte..<ends[end - 1]]
      var found: Int?
      while end > start {
        found = vocabulary[key]
        if found != nil { break }
        end -= 1
        key.removeLast(ends[end] - (end > 0 ? ends[end - 1] : 0))
      }
      guard let found else {
        ids.append(unknownID)
        return
      }
      pieces.append(found)
      start = end
    }
    ids += pieces
  }
}
