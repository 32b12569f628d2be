import Foundation
import Records

/// Reads a tokenizer's files from a model folder.
struct TokenizerFiles {
  let directory: URL

  func url(_ name: String) -> URL { directory.appendingPathComponent(name) }

  /// A JSON file of the folder; nil where there is none of that name.
  func json(_ name: String) throws -> StrictJSON? {
    guard let data = try? Data(contentsOf: url(name)) else { return nil }
    do {
      return try StrictJSON(parsing: data)
    } catch let failure as StrictJSON.Failure {
      throw bad(name, failure.found, "JSON")
    }
  }

  /// SHA-256 over the names and contents of the files that decide a text's tokens, as far as
  /// they exist.
  var hash: String {
    var hash = ContentHash()
    for name in [
      "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "vocab.txt",
    ] {
      guard let data = try? Data(contentsOf: url(name)) else { continue }
      hash.update(name)
      hash.update(ContentHash.of(data))
    }
    return hash.finalize()
  }

  /// The lines of a text file, without line ends; nil where there is no such file.
  func lines(_ name: String) -> [String]? {
    guard let data = try? Data(contentsOf: url(name)) else { return nil }
    var lines = data.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  /// A vocabulary object as token to id, keyed by UTF-8 bytes.
  func vocabulary(_ object: StrictJSON?, in name: String) throws -> [[UInt8]: Int] {
    guard let pairs = object?.pairs else {
      throw bad(name, "no vocabulary", "tokens with their ids")
    }
    var vocabulary: [[UInt8]: Int] = [:]
    vocabulary.reserveCapacity(pairs.count)
    for (token, value) in pairs {
      guard let id = value.integer, id >= 0 else {
        throw bad(name, "token '\(token)' without a whole positive id", "an id each")
      }
      vocabulary[Array(token.utf8)] = id
    }
    return vocabulary
  }

  /// The added tokens of `tokenizer.json`, else those of `tokenizer_config.json`.
  ///
  /// - Throws: `EncoderError.badConfiguration` for a negative id.
  func addedTokens(_ tokenizer: StrictJSON?, configuration: StrictJSON?) throws -> AddedTokens {
    let added = AddedTokens(tokenizer, configuration: configuration)
    if let token = added.tokens.first(where: { $0.id < 0 }) {
      var content = ""
      content.unicodeScalars.append(contentsOf: token.content)
      throw bad(
        tokenizer?["added_tokens"] == nil ? "tokenizer_config.json" : "tokenizer.json",
        "the added token '\(content)' with the id \(token.id)", "ids from 0 on")
    }
    return added
  }

  func bad(_ name: String, _ found: String, _ expected: String) -> EncoderError {
    .badConfiguration(path: url(name).path, found: found, expected: expected)
  }
}

/// Tokens that are recognised literally in a text, before any other step (or after its
/// normalisation, where a tokenizer requires it).
struct AddedTokens: Sendable {
  struct Token: Sendable, Equatable {
    var content: [Unicode.Scalar]
    var id: Int
    /// Recognised in the normalised text.
    var isNormalized: Bool
    /// Recognised only where no letter, digit or underscore touches it.
    var isWord: Bool
  }

  enum Piece: Equatable {
    case token(Int)
    case text([Unicode.Scalar])
  }

  var tokens: [Token]

  /// The `added_tokens` of a tokenizer.json, or the `added_tokens_decoder` of a
  /// tokenizer_config.json.
  init(_ tokenizer: StrictJSON?, configuration: StrictJSON?) {
    let listed = tokenizer?["added_tokens"]?.items?.map { ($0["id"]?.integer, $0) }
    let decoder = configuration?["added_tokens_decoder"]?.pairs?.map { (Int($0.key), $0.value) }
    tokens = (listed ?? decoder ?? []).compactMap { id, entry in
      guard let id, let content = entry["content"]?.text, !content.isEmpty else { return nil }
      return Token(
        content: Array(content.unicodeScalars), id: id,
        isNormalized: entry["normalized"]?.flag ?? false,
        isWord: entry["single_word"]?.flag ?? false)
    }
  }

  /// Adds a special token unless there is one of that content.
  mutating func add(_ content: String, id: Int) {
    let scalars = Array(content.unicodeScalars)
    guard !tokens.contains(where: { $0.content == scalars }) else { return }
    tokens.append(Token(content: scalars, id: id, isNormalized: false, isWord: false))
  }

  func id(of content: String) -> Int? {
    tokens.first { $0.content.elementsEqual(content.unicodeScalars) }?.id
  }

  /// Cuts a text at the tokens in it, at each position the longest one.
  func split(
    _ text: [Unicode.Scalar], normalize: ([Unicode.Scalar]) -> [Unicode.Scalar]
  ) -> [Piece] {
    Self.split(text, at: tokens.filter { !$0.isNormalized }).flatMap { piece -> [Piece] in
      guard case .text(let text) = piece else { return [piece] }
      return Self.split(
        normalize(text),
        at: tokens.filter(\.isNormalized).map { token in
          var token = token
          token.content = normalize(token.content)
          return token
        })
    }
  }

  private static func split(_ text: [Unicode.Scalar], at tokens: [Token]) -> [Piece] {
    let tokens = tokens.filter { !$0.content.isEmpty }
    let firsts = Set(tokens.map { $0.content[0] })
    var pieces: [Piece] = []
    var start = 0
    var position = 0
    while position < text.count {
      guard firsts.contains(text[position]),
        let token = tokens.filter({ matches($0, text, position) })
          .max(by: { $0.content.count < $1.content.count })
      else {
        position += 1
        continue
      }
      if start < position { pieces.append(.text(Array(text[start..<position]))) }
      pieces.append(.token(token.id))
      position += token.content.count
      start = position
    }
    if start < text.count { pieces.append(.text(Array(text[start...]))) }
    return pieces
  }

  private static func matches(_ token: Token, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
    let end = position + token.content.count
    guard end <= text.count, text[position..<end].elementsEqual(token.content) else { return false }
    guard token.isWord else { return true }
    func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "_" || scalar.isLetter || scalar.isNumber
    }
    return !(position > 0 && isWordScalar(text[position - 1]))
      && !(end < text.count && isWordScalar(text[end]))
  }
}
