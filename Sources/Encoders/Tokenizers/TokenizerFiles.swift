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

  /// SHA-256 over the names and contents of the files that decide a text's tokens,
  /// of those that are there.
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

  /// The lines of a text file, without their ends; nil where there is no such file.
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
  /// - Throws: `EncoderError.badConfiguration` for an id that is no row of an embedding.
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
