/// CLIP's division of normalised text into words: English contractions' ends,
/// runs of letters, single digits, runs of anything else; white space separates.
///
/// A special token's text that was written in capitals, so that it was not
/// recognised as the token, ends a run of marks: the reference cuts there first.
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
