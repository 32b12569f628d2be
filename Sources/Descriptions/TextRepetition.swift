/// Finds a model that has fallen into a loop.
package enum TextRepetition {
  /// A run of white space this long is a loop of its own: models do it in JSON.
  static let longestWhitespace = 64
  /// The last words are a loop where one piece of at most so many characters fills
  /// at least `leastLoop` of them, `leastRounds` times or more.
  static let longestPiece = 120
  static let leastLoop = 60
  static let leastRounds = 4

  /// Whether a text ends in a loop, as it can be seen while it still grows.
  package static func endsInLoop(_ text: String) -> Bool {
    let characters = Array(text.utf8.suffix(longestPiece * leastRounds))
    if characters.suffix(longestWhitespace).count == longestWhitespace,
      characters.suffix(longestWhitespace).allSatisfy({ [9, 10, 13, 32].contains($0) })
    {
      return true
    }
    guard characters.count >= leastLoop else { return false }
    for period in 1...longestPiece {
      let span = max(leastLoop, period * leastRounds)
      guard span <= characters.count else { break }
      let tail = characters.suffix(span)
      if zip(tail, tail.dropFirst(period)).allSatisfy({ $0 == $1 }) { return true }
    }
    return false
  }

  /// The share of a text's runs of four words that came before in it, 0 to 1.
  package static func repeatedShare(_ text: String) -> Double {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard words.count >= 12 else { return 0 }
    var seen: Set<ArraySlice<Substring>> = []
    var repeated = 0
    for start in 0...(words.count - 4) where !seen.insert(words[start..<(start + 4)]).inserted {
      repeated += 1
    }
    return Double(repeated) / Double(words.count - 3)
  }

  /// Whether a whole text repeats itself: it ends in a loop, or half of it was said
  /// before.
  package static func isRepeating(_ text: String) -> Bool {
    endsInLoop(text) || repeatedShare(text) >= 0.5
  }
}
