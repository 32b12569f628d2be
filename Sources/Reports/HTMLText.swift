/// Text from people and models as HTML, SVG and XML may hold it.
///
/// Everything in a report that was not written in this room goes through here.
public enum HTMLText {
  /// The text escaped for element content and for attributes in double quotes.
  ///
  /// The five markup characters become entities; U+2028, U+2029 and carriage
  /// returns become line feeds; characters that reorder or hide text (bidi
  /// controls, zero-width marks, other control characters) become a visible
  /// code such as `[U+202E]`, so that what is read is what was written.
  public static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count + 16)
    var previousWasReturn = false
    for scalar in text.unicodeScalars {
      let afterReturn = previousWasReturn
      previousWasReturn = scalar == "\r"
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n": if !afterReturn { result += "\n" }
      case "\r", "\u{2028}", "\u{2029}", "\u{0B}", "\u{0C}", "\u{85}": result += "\n"
      case "\t": result += "\t"
      default:
        if isInvisible(scalar) {
          let code = String(scalar.value, radix: 16, uppercase: true)
          result += "[U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code + "]"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// The same on one line: every run of white space becomes one space.
  public static func escapedLine(_ text: String) -> String {
    escaped(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Zero-width joiners stay: several scripts and emoji need them.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2060...0x2064: true
    case 0x202A...0x202E, 0x2066...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0xFDD0...0xFDEF, 0xE0000...0xE007F: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }
}
