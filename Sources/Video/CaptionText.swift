/// Fits text of a fixed-width font into lines.
enum CaptionText {
  /// The most lines that one line of a caption becomes.
  private static let lineLimit = 3

  /// The text, cut with an ellipsis where it has more than `count` characters.
  static func cut(_ text: [UInt8], to count: Int) -> [UInt8] {
    guard text.count > count else { return text }
    return Array(text.prefix(max(0, count - 3)) + Array("...".utf8).prefix(max(0, count)))
  }

  /// The text in lines of at most `count` characters, broken between words; the
  /// last line takes what is left, cut.
  static func broken(_ text: [UInt8], to count: Int) -> [[UInt8]] {
    let space = UInt8(ascii: " ")
    var lines: [[UInt8]] = []
    var rest = text[...]
    while rest.count > count, lines.count + 1 < lineLimit,
      let end = rest.prefix(count + 1).lastIndex(of: space), end > rest.startIndex
    {
      lines.append(Array(rest[..<end]))
      rest = rest[end...].drop { $0 == space }
    }
    return lines + [cut(Array(rest), to: count)]
  }
}
