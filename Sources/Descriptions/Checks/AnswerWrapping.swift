import Foundation

/// An answer without what models and servers wrap around it: Markdown fences, a heading such as
/// `Description:`, HTML, and blocks in tags of their own.
struct AnswerWrapping {
  private(set) var words: String
  /// What was cut off.
  private(set) var cut: [String] = []
  /// Whether blocks in tags came before the answer.
  private(set) var hadBlocks = false

  init(_ text: String) {
    words = text
    var before = ""
    while before != words {
      before = words
      unfence()
      unwrap()
      if let match = words.prefixMatch(of: Self.heading), match.range.upperBound < words.endIndex {
        take(words[match.range.upperBound...], without: String(match.0))
      }
    }
    let plain = words.replacing(Self.html, with: " ")
    if plain != words { take(plain[...], without: "HTML") }
  }

  private mutating func take(_ rest: Substring, without part: String) {
    cut.append(part)
    words = rest.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private mutating func unfence() {
    guard words.hasPrefix("```") else { return }
    let body = AnswerSchema.unfenced(words)
    if body != words, !body.isEmpty { take(body[...], without: "```") }
  }

  /// A block in tags before the answer is cut off; tags around all of it are removed.
  private mutating func unwrap() {
    guard let match = words.prefixMatch(of: Self.block) else { return }
    let rest = words[match.range.upperBound...]
    if rest.allSatisfy(\.isWhitespace) {
      take(match.2, without: "<\(match.1)>")
    } else {
      hadBlocks = true
      take(rest, without: String(match.0))
    }
  }

  /// `<name> ... </name>` with a name that is not HTML's.
  private static var block: Regex<(Substring, Substring, Substring)> {
    /(?is)<(?!(?:p|b|i|u|em|strong|ul|ol|li|div|span|br|hr|h[1-6]|code|pre|table)>)([a-z][a-z_]{2,30})>(.*?)<\/\1>/
  }

  private static var html: Regex<Substring> {
    /(?i)<\/?(?:p|b|i|u|em|strong|ul|ol|li|div|span|br|hr|h[1-6])\s*\/?>/
  }

  private static var heading: Regex<Substring> {
    /(?i)(?:#+\s*|\*\*)?(?:video )?(?:description|caption|answer|response|output)(?:\*\*)?\s*[:\u{FF1A}](?:\*\*)?\s*/
  }

  /// A text whose tokens were not turned into words: byte tokens `<0x0A>`, and the marks that
  /// tokenizers use for spaces and line ends.
  static func decoded(_ text: String) -> String {
    var text = text
    if text.contains("<0x") {
      text = text.replacing(/<0x0[AaDd]>/, with: "\n").replacing(/<0x[0-9A-Fa-f]{2}>/, with: "")
    }
    for (space, lineEnd) in [("\u{120}", "\u{10A}"), ("\u{2581}", "\n")]
    where text.count(where: { String($0) == space }) >= 2
      && text.count(where: { $0 == " " }) < text.count(where: { String($0) == space })
    {
      text = text.replacingOccurrences(of: space, with: " ")
        .replacingOccurrences(of: lineEnd, with: "\n")
    }
    return text
  }
}
