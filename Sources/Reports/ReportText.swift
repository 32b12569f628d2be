import Foundation

/// Text from people and models, escaped for HTML, SVG and XML.
///
/// Every text in a report that this room does not write itself passes through here.
public enum HTMLText {
  /// The text escaped for element content and for attributes in double quotes.
  ///
  /// The five markup characters become entities; U+2028, U+2029 and carriage
  /// returns become line feeds; characters that reorder or hide text (bidi
  /// controls, zero-width marks, other control characters) become a visible
  /// code such as `[U+202E]`, so that the reader sees what the text contains.
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

  /// The escaped text on one line: every run of white space becomes one space.
  public static func escapedLine(_ text: String) -> String {
    escaped(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Zero-width joiners remain, because several scripts and emoji need them.
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

/// Numbers as text, independent of machine and locale.
package enum DecimalText {
  /// A fixed number of digits after the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", value)
    // A negative value that rounds to zero would become "-0.00".
    return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) })
      ? String(text.dropFirst()) : text
  }

  /// At most so many digits after the point, without trailing zeros.
  package static func trimmed(_ value: Double, digits: Int) -> String {
    var text = fixed(value, digits)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A count with thin spaces between groups of three digits.
  package static func grouped(_ count: Int) -> String {
    var digits = String(abs(count))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (count < 0 ? "-" : "") + groups.joined(separator: "\u{202F}")
  }

  /// Four significant digits, with a power of ten for very small and very large values:
  /// `0.1235`, `5e-5`, `NaN`.
  package static func compact(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-∞" : "∞" }
    guard value != 0 else { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    guard (-3..<6).contains(exponent) else {
      return trimmed(value / pow(10, Double(exponent)), digits: 3) + "e\(exponent)"
    }
    return trimmed(value, digits: max(0, 3 - exponent))
  }

  /// A duration of work: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    if seconds < 10 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
