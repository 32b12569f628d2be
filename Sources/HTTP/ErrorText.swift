import Foundation

/// The text of an error answer, as one line for a message.
public enum ErrorText {
  /// The most characters of a line.
  static let longest = 300

  /// The words of a body: those of the error that it reports as JSON, those of a page without
  /// its tags, or else its text; `no reason given` for an empty one.
  public static func line(of body: Data) -> String {
    if let report = ServerErrorReport(json: body, isFailure: true), let words = report.words {
      return line(words)
    }
    return line(String(decoding: body.prefix(1 << 16), as: UTF8.self))
  }

  /// A text as one line of at most 300 characters; the text of a page without its tags.
  public static func line(_ text: String) -> String {
    let plain = isPage(text) ? page(text) : text
    let line = plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.isEmpty ? "no reason given" : String(line.prefix(longest))
  }

  private static func isPage(_ text: String) -> Bool {
    text.contains(/(?i)<\s*(?:!doctype html|html|head|title|body|h1|center)\b/)
  }

  /// The title of an HTML page, and its text unless that only repeats the title.
  private static func page(_ text: String) -> String {
    let title =
      text.firstMatch(of: /(?is)<title[^>]*>(.*?)<\/title>/).map { plain(String($0.1)) } ?? ""
    let body =
      plain(text.replacing(/(?is)<(title|script|style|head)\b[^>]*>.*?<\/\1\s*>/, with: " "))
    guard !title.isEmpty else { return body }
    let rest = body.hasPrefix(title) ? String(body.dropFirst(title.count)) : body
    let trimmed = rest.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? title : "\(title): \(trimmed)"
  }

  private static func plain(_ text: String) -> String {
    var text = text.replacing(/(?s)<!--.*?-->/, with: " ").replacing(/(?s)<[^>]*>/, with: " ")
    for (name, sign) in [
      ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"),
      ("&amp;", "&"),
    ] { text = text.replacing(name, with: sign) }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension HTTPResponse {
  /// The message of an error answer in one line of at most 300 characters.
  public var errorText: String { ErrorText.line(of: body) }
}

/// A server's refusal of one request: by the status of its answer, or by an error within an
/// answer of status 200, whose status counts in the same way.
public struct ServerRefusal: Sendable, Equatable {
  /// The status that counts.
  public let status: Int
  /// The server's words in one line.
  public let words: String
  /// How long the server asks to wait.
  public let retryAfterSeconds: Double?

  /// A refusal by an answer's own status.
  public init(_ response: HTTPResponse) {
    status = response.head.status
    words = response.errorText
    retryAfterSeconds = RetryAfter.seconds(in: response.head, now: Date())
  }

  /// A refusal within an answer of status 200.
  public init(status: Int, words: String, retryAfterSeconds: Double? = nil) {
    self.status = status
    self.words = words
    self.retryAfterSeconds = retryAfterSeconds
  }
}
