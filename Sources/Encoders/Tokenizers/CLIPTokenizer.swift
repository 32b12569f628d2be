import Foundation

/// CLIP's tokenizer: lower-cased text in words, each word's bytes joined by learned pairs,
/// the last symbol of a word marked. The tokens are those of transformers'
/// `CLIPTokenizer`.
package struct CLIPTokenizer: Sendable {
  /// SHA-256 of the tokenizer's files.
  package let filesHash: String
  /// The id put before every text.
  package let startID: Int
  /// The id put after every text, also that of unknown symbols.
  package let endID: Int
  /// The largest id that a text can have.
  package let largestID: Int
  private let merges: BytePairMerges
  /// The ids of the 256 bytes inside a word and at its end.
  private let inner: [Int]
  private let last: [Int]
  private let added: AddedTokens

  /// Reads `tokenizer.json`, else `vocab.json` and `merges.txt`.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  package init(directory: URL) throws {
    let files = TokenizerFiles(directory: directory)
    filesHash = files.hash
    let configuration = try files.json("tokenizer_config.json")
    let tokenizer = try files.json("tokenizer.json")
    let name: String
    let vocabulary: [[UInt8]: Int]
    let pairs: [(String, String)]
    if let tokenizer {
      name = "tokenizer.json"
      guard let kind = tokenizer["model"]?["type"]?.text, kind == "BPE" else {
        throw files.bad(name, "model '\(tokenizer["model"]?["type"]?.text ?? "none")'", "'BPE'")
      }
      vocabulary = try files.vocabulary(tokenizer["model"]?["vocab"], in: name)
      pairs = try files.pairs(tokenizer["model"]?["merges"], in: name)
    } else {
      name = "merges.txt"
      guard let list = try files.json("vocab.json"), let lines = files.lines(name) else {
        throw EncoderError.fileMissing(
          folder: directory.path, file: "tokenizer.json, or vocab.json and merges.txt",
          remedy: "copy them beside the weights; OpenAI's and open_clip's models of 49408 tokens "
            + "share those of openai/clip-vit-base-patch32 (kess models get)")
      }
      vocabulary = try files.vocabulary(list, in: "vocab.json")
      pairs = try lines.filter { !$0.hasPrefix("#version") && !$0.isEmpty }.map {
        try files.pair($0, in: name)
      }
    }
    var added = try files.addedTokens(tokenizer, configuration: configuration)
    func special(_ content: String) throws -> Int {
      guard let id = added.id(of: content) ?? vocabulary[Array(content.utf8)] else {
        throw files.bad(name, "no token '\(content)'", "CLIP's start and end tokens")
      }
      added.add(content, id: id)
      return id
    }
    startID = try special("<|startoftext|>")
    endID = try special("<|endoftext|>")
    let end = endID
    func ids(_ suffix: String) -> [Int] {
      ByteLevelAlphabet.letters.map { vocabulary[Array((String($0) + suffix).utf8)] ?? end }
    }
    merges = try BytePairMerges(pairs, vocabulary: vocabulary, files: files, name: name)
    self.added = added
    inner = ids("")
    last = ids("</w>")
    largestID = max(vocabulary.values.max() ?? 0, added.tokens.map(\.id).max() ?? 0)
  }

  /// The ids of a text with start and end tokens, uncut.
  package func tokens(of text: String) -> [Int] {
    var ids = [startID]
    let pieces = added.split(Array(text.unicodeScalars)) { $0.composed.lowercased }
    for piece in pieces {
      switch piece {
      case .token(let id): ids.append(id)
      case .text(let scalars):
        for word in CLIPWords.split(scalars) { ids += tokens(ofWord: word) }
      }
    }
    return ids + [endID]
  }

  /// The same, cut to `maximumCount` ids of which the last is the end token.
  package func tokens(of text: String, maximumCount: Int) -> [Int] {
    let ids = tokens(of: text)
    return ids.count <= maximumCount ? ids : ids.prefix(maximumCount - 1) + [endID]
  }

  private func tokens(ofWord word: ArraySlice<Unicode.Scalar>) -> [Int] {
    let bytes = word.flatMap { Array(String($0).utf8) }
    var symbols = bytes.map { inner[Int($0)] }
    if let byte = bytes.last { symbols[symbols.count - 1] = last[Int(byte)] }
    return merges.apply(to: symbols)
  }
}

/// The letters with which GPT-2 and CLIP write the 256 bytes: printable ones stand for
/// themselves, the others are written from U+0100 on.
enum ByteLevelAlphabet {
  static let letters: [Unicode.Scalar] = {
    var letters: [Unicode.Scalar] = []
    var shifted: UInt8 = 0
    for byte in UInt8.min...UInt8.max {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: letters.append(Unicode.Scalar(byte))
      default:
        // 68 bytes are shifted, so the sum is below U+0200 and no surrogate.
        letters.append(Unicode.Scalar(0x100 + UInt16(shifted)) ?? "\u{0}")
        shifted += 1
      }
    }
    return letters
  }()
}

/// CLIP's division of normalised text into words: English contractions' ends,
/// runs of letters, single digits, runs of anything else; white space separates.
///
/// The text of a special token in capitals, which is not recognised as the token, ends a run
/// of marks: the reference cuts there first.
enum CLIPWords {
  private static let specials: [[Unicode.Scalar]] = ["<|startoftext|>", "<|endoftext|>"]
    .map { Array($0.unicodeScalars) }

  private static let contractions: [[Unicode.Scalar]] = ["s", "t", "re", "ve", "m", "ll", "d"]
    .map { Array($0.unicodeScalars) }

  static func split(_ text: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
    var words: [ArraySlice<Unicode.Scalar>] = []
    var position = 0
    while position < text.count {
      let scalar = text[position]
      let start = position
      if scalar == "<", let special = specials.first(where: { text[start...].starts(with: $0) }) {
        position += special.count
        words += [text[start..<start + 2], text[start + 2..<position - 2]]
        words.append(text[position - 2..<position])
        continue
      } else if let length = contractionLength(text, position) {
        position += length
      } else if scalar.isLetter {
        while position < text.count, text[position].isLetter { position += 1 }
      } else if scalar.isNumber {
        position += 1
      } else if scalar.properties.isWhitespace {
        position += 1
        continue
      } else {
        while position < text.count, isOther(text[position]) { position += 1 }
      }
      words.append(text[start..<position])
    }
    return words
  }

  private static func isOther(_ scalar: Unicode.Scalar) -> Bool {
    !scalar.isLetter && !scalar.isNumber && !scalar.properties.isWhitespace
  }

  private static func contractionLength(_ text: [Unicode.Scalar], _ position: Int) -> Int? {
    guard text[position] == "'" else { return nil }
    return contractions.first { text[(position + 1)...].starts(with: $0) }.map { $0.count + 1 }
  }
}
