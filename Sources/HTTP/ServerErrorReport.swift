import Foundation

/// An error as a server reports it in a body or in an event of a stream: its words without
/// their JSON, and the status that it names.
///
/// The known forms: `error` as an object or a text, the same fields at top level
/// (`"object": "error"`), FastAPI's `detail` as a text or a list of `msg` and `loc`, a list
/// `errors`, an error within an error, and an error that a proxy quotes in a text.
public struct ServerErrorReport: Sendable, Equatable {
  /// The server's words; nil if it gives none.
  public let words: String?
  /// The HTTP status that the error names by its number or its type, 400 to 599.
  public let status: Int?
  /// The error's code where it is a name, such as `context_length_exceeded`.
  public let code: String?

  /// The error in a JSON text; nil if the text reports none.
  ///
  /// - Parameter isFailure: whether the text is known to be an error, so that a `message`
  ///   alone is one.
  public init?(json: Data, isFailure: Bool = false) {
    guard let value = try? JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
    else { return nil }
    self.init(value, isFailure: isFailure)
  }

  /// The error in a value that `JSONSerialization` read; nil if the value reports none.
  public init?(_ value: Any, isFailure: Bool = false) {
    // Google's endpoints put the error into a list.
    if let list = value as? [Any], list.count == 1, let only = list[0] as? [String: Any] {
      self.init(only, isFailure: isFailure)
      return
    }
    guard let object = value as? [String: Any] else {
      guard isFailure, let words = Self.words(value, depth: 0) else { return nil }
      self.init(words: words, status: nil)
      return
    }
    // Routers report an error of one choice within it.
    if let choice = (object["choices"] as? [Any])?.first as? [String: Any],
      Self.isReport(choice["error"])
    {
      self.init(words: Self.words(choice, depth: 0), status: Self.status(choice, depth: 0))
      return
    }
    let holder = ["error", "detail", "errors"].first { Self.isReport(object[$0]) }
    let isTopLevel = Self.isTopLevelError(object, isFailure: isFailure)
    // An answer may have fields of these names beside its choices; only `error` is one then.
    let hasChoices = (object["choices"] as? [Any])?.isEmpty == false
    guard hasChoices ? holder == "error" : holder != nil || isTopLevel else { return nil }
    self.init(
      words: Self.words(object, depth: 0), status: Self.status(object, depth: 0),
      code: Self.code(object, depth: 0))
  }

  private static func code(_ object: [String: Any], depth: Int) -> String? {
    guard depth < deepest else { return nil }
    if let inner = object["error"] as? [String: Any], let code = code(inner, depth: depth + 1) {
      return code
    }
    return (object["code"] as? String).flatMap { Int($0) == nil ? $0 : nil }
  }

  private init(words: String?, status: Int?, code: String? = nil) {
    let quoted = words.map(Self.unwrapped)
    self.words = quoted?.words
    self.status = status ?? quoted?.status
    self.code = code
  }

  private static let deepest = 6

  /// Whether a field reports an error: `"error": null`, `false`, `""` and `{}` do not.
  private static func isReport(_ value: Any?) -> Bool {
    switch value {
    case nil, is NSNull: false
    case let text as String: !text.isEmpty
    case let object as [String: Any]: object.values.contains { !($0 is NSNull) }
    case let list as [Any]: !list.isEmpty
    case let number as NSNumber: number != 0
    default: false
    }
  }

  private static func isTopLevelError(_ object: [String: Any], isFailure: Bool) -> Bool {
    if object["object"] as? String == "error" { return true }
    guard messageNames.contains(where: { object[$0] is String }) else { return false }
    if object["type"] as? String == "error" { return true }
    for name in ["success", "ok"] where (object[name] as? NSNumber) == 0 { return true }
    return isFailure || status(object, depth: 0) != nil
  }

  private static let messageNames = ["message", "msg", "error_message", "reason", "title"]

  /// The words of an error; the deepest message is the server's own.
  private static func words(_ value: Any, depth: Int) -> String? {
    guard depth < deepest else { return nil }
    switch value {
    case let text as String:
      let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
      return trimmed.isEmpty ? nil : trimmed
    case let list as [Any]:
      let items = list.compactMap { words($0, depth: depth + 1) }
      return items.isEmpty ? nil : items.joined(separator: "; ")
    case let object as [String: Any]:
      for name in ["error", "detail", "errors"] where isReport(object[name]) {
        let inner = object[name].flatMap { words($0, depth: depth + 1) }
        // A short name such as "Not Found" beside a message is a title, not the reason.
        let own = message(of: object, depth: depth)
        if let inner, let own, object[name] is String, own != inner { return "\(inner): \(own)" }
        if let found = inner ?? own { return found }
      }
      return message(of: object, depth: depth).map { located($0, object["loc"]) }
    default: return nil
    }
  }

  private static func message(of object: [String: Any], depth: Int) -> String? {
    for name in messageNames {
      guard let value = object[name], let found = words(value, depth: depth + 1) else { continue }
      // A router's own words say less than those of the server behind it.
      let inner = (object["metadata"] as? [String: Any])?["raw"] as? String
      if let inner, !inner.isEmpty { return "\(found): \(unwrapped(inner).words)" }
      return found
    }
    return nil
  }

  /// FastAPI's message with the place in the request that it is about.
  private static func located(_ message: String, _ place: Any?) -> String {
    let steps = (place as? [Any] ?? []).map { "\($0)" }.drop { $0 == "body" }
    return steps.isEmpty ? message : "'\(steps.joined(separator: "."))': \(message)"
  }

  /// The status that an error names; an inner one counts before an outer one, and a number
  /// before a type.
  private static func status(_ object: [String: Any], depth: Int) -> Int? {
    guard depth < deepest else { return nil }
    for name in ["error", "detail"] {
      if let inner = object[name] as? [String: Any], let found = status(inner, depth: depth + 1) {
        return found
      }
    }
    let numbers = [
      "http_status_code", "status_code", "statusCode", "http_status", "httpStatus", "code",
      "error_code", "status",
    ]
    for name in numbers {
      let number =
        (object[name] as? NSNumber)?.intValue ?? (object[name] as? String).flatMap { Int($0) }
      if let number, (400..<600).contains(number) { return number }
    }
    for name in ["code", "type", "error_type", "status", "name", "error"] {
      if let kind = object[name] as? String, let found = status(ofKind: kind) { return found }
    }
    return nil
  }

  /// Parts of the names that servers give to kinds of errors, without their separators, and
  /// the status that each stands for. The first that fits decides.
  private static let kinds: [(part: String, status: Int)] = [
    ("ratelimit", 429), ("toomanyrequests", 429), ("overloaded", 429), ("insufficientquota", 429),
    ("quotaexceeded", 429), ("resourceexhausted", 429), ("unavailable", 503),
    ("authentication", 401), ("unauthorized", 401), ("invalidapikey", 401),
    ("permission", 403), ("forbidden", 403), ("notfound", 404), ("toolarge", 413),
    ("unsupportedmedia", 415), ("exceedcontextsize", 400), ("contextlength", 400),
    ("contextwindow", 400), ("invalidrequest", 400), ("badrequest", 400),
    ("invalidargument", 400), ("invalidparameter", 400), ("valueerror", 400),
    ("notsupported", 400), ("validation", 422), ("unprocessable", 422),
    ("gatewaytimeout", 504), ("internal", 500), ("servererror", 500), ("engine", 500),
    ("generation", 500),
  ]

  private static func status(ofKind kind: String) -> Int? {
    // A name, not a sentence.
    guard kind.utf8.count <= 60, kind.count(where: \.isWhitespace) <= 3 else { return nil }
    let name = kind.lowercased().filter(\.isLetter)
    return kinds.first { name.contains($0.part) }?.status
  }

  /// The words and the status of an error that a text quotes, as in `Error code: 400 -
  /// {'message': ...}`: a client's exception that a proxy passes on.
  private static func unwrapped(_ text: String) -> (words: String, status: Int?) {
    let prefix = text.firstMatch(
      of: /(?i)(?:error code|status code|status|http)[ :=]{1,3}(\d{3})\b/)
    let named = prefix.flatMap { Int($0.1) }.flatMap { (400..<600).contains($0) ? $0 : nil }
    guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"), start < end
    else { return (text, named) }
    let quoted = String(text[start...end])
    for form in [quoted, PythonLiteral.json(quoted)] {
      if let inner = ServerErrorReport(json: Data(form.utf8), isFailure: true),
        let words = inner.words
      {
        return (words, inner.status ?? named)
      }
    }
    return (text, named)
  }
}

/// A Python dictionary as exceptions print it.
private enum PythonLiteral {
  /// The same as JSON, if its values are texts, numbers, `None`, `True` and `False`.
  static func json(_ text: String) -> String {
    var result = ""
    var quote: Character?
    var word = ""
    var isEscaped = false
    func flush() {
      result += ["None": "null", "True": "true", "False": "false"][word] ?? word
      word = ""
    }
    for character in text {
      if let open = quote {
        if isEscaped {
          // JSON knows no \' .
          result += character == "'" ? "'" : "\\\(character)"
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == open {
          result += "\""
          quote = nil
        } else {
          result += character == "\"" ? "\\\"" : String(character)
        }
      } else if character == "'" || character == "\"" {
        flush()
        result += "\""
        quote = character
      } else if character.isLetter {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }
}
