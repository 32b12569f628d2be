import Records

extension TokenizerFiles {
  /// The learned pairs of a byte-pair encoding, in their order: each a list of two, or a
  /// line with a space between them.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  func pairs(_ list: StrictJSON?, in name: String) throws -> [(String, String)] {
    guard let items = list?.items else { throw bad(name, "no merges", "a list of pairs") }
    return try items.map { item in
      if let line = item.text { return try pair(line, in: name) }
      guard let parts = item.items, parts.count == 2, let left = parts[0].text,
        let right = parts[1].text
      else { throw bad(name, "a merge that is not a pair", "pairs of tokens") }
      return (left, right)
    }
  }

  /// A pair on one line.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  func pair(_ line: String, in name: String) throws -> (String, String) {
    let parts = line.split(separator: " ")
    guard parts.count == 2 else {
      throw bad(name, "the merge '\(line)'", "two tokens with a space between")
    }
    return (String(parts[0]), String(parts[1]))
  }
}

extension BytePairMerges {
  /// The merges of a tokenizer's pairs, which its vocabulary must know.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  init(
    _ pairs: [(String, String)], vocabulary: [[UInt8]: Int], files: TokenizerFiles, name: String
  ) throws {
    self.init()
    for (rank, pair) in pairs.enumerated() {
      let parts = [pair.0, pair.1, pair.0 + pair.1].map { vocabulary[Array($0.utf8)] }
      guard let left = parts[0], let right = parts[1], let joined = parts[2] else {
        throw files.bad(
          name, "the pair '\(pair.0) \(pair.1)', which is not in the vocabulary",
          "merges and vocabulary of one tokenizer")
      }
      add(left, right, rank: rank, id: joined)
    }
  }
}
