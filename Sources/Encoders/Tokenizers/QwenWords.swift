/// Qwen2's division of a text into words, `QwenTokenizer.wordExpression` by hand: the
/// first alternative that matches at a place takes it, and nothing is left out.
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
    // One sign or space goes with the letters after it.
    let next = start + 1
    if !scalar.isLineEnd, !scalar.isNumber, next < text.count, text[next].isLetter {
      return run(from: next, in: text) { $0.isLetter }
    }
    if scalar.isNumber { return next }
    // So does a space with the signs after it, and line ends follow them.
    let first = scalar == " " && next < text.count ? next : start
    if isSign(text[first]) {
      return run(from: run(from: first, in: text, while: isSign), in: text) { $0.isLineEnd }
    }
    let end = run(from: start, in: text) { $0.isSpace }
    if let lineEnd = text[start..<end].lastIndex(where: \.isLineEnd) { return lineEnd + 1 }
    // The last space before a word is the word's.
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
