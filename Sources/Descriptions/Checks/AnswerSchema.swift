import Foundation

/// The schema of a structured answer, sent with the request and checked here: the part of
/// JSON Schema that the prompts need. A schema with an unsupported keyword is refused, so
/// that no rule is silently ignored.
public struct AnswerSchema: Sendable {
  /// The schema's name in a request.
  public let name: String
  /// The schema as it is sent.
  public let json: String
  private let root: Node

  /// The field of a chat request that asks for an answer in this schema.
  var field: (name: String, value: String) {
    (
      "response_format",
      "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"\(name)\",\"strict\":true,"
        + "\"schema\":\(json)}}"
    )
  }

  private indirect enum Node: Sendable {
    case object(properties: [String: Node], required: [String], isOpen: Bool)
    case array(Node, count: ClosedRange<Int>)
    case string(length: ClosedRange<Int>, choices: [String]?)
    case number(isWhole: Bool)
    case boolean
  }

  /// Why a text cannot be used as a schema.
  struct Unusable: Error {
    let reason: String
  }

  /// - Throws: `Unusable`.
  init(name: String, source: Data) throws {
    guard let value = try? JSONSerialization.jsonObject(with: source) else {
      throw Unusable(reason: "it is not JSON")
    }
    self.name = name
    let compact = try JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    json = String(decoding: compact, as: UTF8.self)
    root = try Self.node(value, at: "$")
    guard case .object = root else {
      throw Unusable(reason: "$: its type is not 'object', expected the schema of an object")
    }
  }

  private static let annotations: Set<String> = ["$schema", "title", "description"]

  private static func node(_ value: Any, at path: String) throws -> Node {
    guard let schema = value as? [String: Any], let type = schema["type"] as? String else {
      throw Unusable(reason: "\(path): 'type' is missing")
    }
    func allow(_ names: Set<String>) throws {
      let unknown = Set(schema.keys).subtracting(names).subtracting(annotations)
        .subtracting(["type"])
      if let name = unknown.min() {
        throw Unusable(reason: "\(path): the keyword '\(name)' is not supported")
      }
    }
    /// A keyword's value; nil only if the keyword is missing.
    func keyword<Value>(_ name: String, _ expected: String, _ cast: (Any) -> Value?) throws
      -> Value?
    {
      guard let found = schema[name] else { return nil }
      guard let value = cast(found) else {
        throw Unusable(reason: "\(path): '\(name)' is \(found), expected \(expected)")
      }
      return value
    }
    func count(_ name: String) throws -> Int? {
      try keyword(name, "a whole number of at least 0") { (found: Any) -> Int? in
        guard !isBoolean(found), let count = found as? Int, count >= 0 else { return nil }
        return count
      }
    }
    func range(_ low: String, _ high: String) throws -> ClosedRange<Int> {
      let (least, most) = (try count(low) ?? 0, try count(high) ?? .max)
      guard least <= most else {
        throw Unusable(
          reason: "\(path): '\(low)' is \(least), expected at most '\(high)', which is \(most)")
      }
      return least...most
    }
    switch type {
    case "object":
      try allow(["properties", "required", "additionalProperties"])
      let properties = try keyword("properties", "an object") { $0 as? [String: Any] } ?? [:]
      return .object(
        properties: try Dictionary(
          uniqueKeysWithValues: properties.map {
            ($0.key, try node($0.value, at: "\(path).\($0.key)"))
          }),
        required: try keyword("required", "a list of names") { $0 as? [String] } ?? [],
        isOpen: try keyword("additionalProperties", "true or false") { (found: Any) -> Bool? in
          isBoolean(found) ? found as? Bool : nil
        } ?? true)
    case "array":
      try allow(["items", "minItems", "maxItems"])
      guard let items = schema["items"] else {
        throw Unusable(reason: "\(path): 'items' is missing")
      }
      return .array(try node(items, at: "\(path)[]"), count: try range("minItems", "maxItems"))
    case "string":
      try allow(["minLength", "maxLength", "enum"])
      return .string(
        length: try range("minLength", "maxLength"),
        choices: try keyword("enum", "a list of texts") { $0 as? [String] })
    case "number", "integer":
      try allow([])
      return .number(isWhole: type == "integer")
    case "boolean":
      try allow([])
      return .boolean
    default: throw Unusable(reason: "\(path): the type '\(type)' is not supported")
    }
  }

  /// An answer that matches the schema.
  struct Answer: Sendable {
    /// The answer as compact JSON with sorted keys.
    let json: String
    /// The answer's words as sentences, in the order of the schema's required fields.
    let sentences: String
  }

  /// Reads an answer. A Markdown fence around it is ignored.
  ///
  /// - Returns: the answer, or the first rule that it breaks.
  func read(_ text: String) -> Result<Answer, Violation> {
    let body = Self.object(in: text)
    guard let value = try? JSONSerialization.jsonObject(with: Data(body.utf8)),
      let object = value as? [String: Any]
    else { return .failure(Violation(reason: "not a JSON object: \(body.prefix(80))")) }
    if let problem = Self.problem(object, root, at: "$") {
      return .failure(Violation(reason: problem))
    }
    guard
      let compact = try? JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    else { return .failure(Violation(reason: "the answer cannot be written as JSON")) }
    return .success(
      Answer(
        json: String(decoding: compact, as: UTF8.self), sentences: sentences(of: object)))
  }

  /// The JSON object in an answer with a sentence before or after it; the answer itself if it
  /// has none.
  static func object(in text: String) -> String {
    let body = unfenced(text)
    if body.first == "{", body.last == "}" { return body }
    if let start = text.range(of: "```"), let found = fenced(text[start.lowerBound...]) {
      return found
    }
    guard let first = body.firstIndex(of: "{"), let last = body.lastIndex(of: "}"), first < last,
      fields(of: String(body[first...last])) != nil
    else { return body }
    return String(body[first...last])
  }

  private static func fenced(_ text: Substring) -> String? {
    let body = unfenced(String(text))
    return body.first == "{" ? body : nil
  }

  /// The fields of a text that is a JSON object; nil for any other text.
  static func fields(of text: String) -> [String: Any]? {
    guard text.first == "{" else { return nil }
    return try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
  }

  /// The text of an answer that is an object with a text alone, such as
  /// `{"description": "..."}`; else the answer itself.
  static func onlyText(in answer: String) -> String {
    guard let object = fields(of: unfenced(answer)), object.count == 1,
      let text = object.values.first as? String,
      !text.allSatisfy(\.isWhitespace)
    else { return answer }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A text without surrounding white space and without a Markdown fence around it.
  static func unfenced(_ text: String) -> String {
    var body = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if body.hasPrefix("```"), let line = body.firstIndex(where: \.isNewline) {
      body = String(body[body.index(after: line)...])
      if let fence = body.range(of: "```", options: .backwards) {
        body = String(body[..<fence.lowerBound])
      }
      body = body.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return body
  }

  /// The rule of the schema that an answer breaks.
  struct Violation: Error {
    let reason: String
  }

  // Foundation reads JSON's true as a number; only its Objective-C type tells them apart.
  private static func isBoolean(_ value: Any) -> Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }

  private static func problem(_ value: Any, _ node: Node, at path: String) -> String? {
    let isBoolean = isBoolean(value)
    switch node {
    case .object(let properties, let required, let isOpen):
      guard let object = value as? [String: Any] else { return "\(path) is not an object" }
      if let missing = required.first(where: { object[$0] == nil }) {
        return "\(path).\(missing) is missing"
      }
      for (name, inner) in object.sorted(by: { $0.key < $1.key }) {
        guard let expected = properties[name] else {
          if isOpen { continue }
          return "\(path).\(name) is not in the schema"
        }
        if let problem = problem(inner, expected, at: "\(path).\(name)") { return problem }
      }
      return nil
    case .array(let item, let count):
      guard let items = value as? [Any] else { return "\(path) is not a list" }
      guard count.contains(items.count) else {
        return "\(path) has \(items.count) items, expected \(Self.words(for: count))"
      }
      for (place, inner) in items.enumerated() {
        if let problem = problem(inner, item, at: "\(path)[\(place)]") { return problem }
      }
      return nil
    case .string(let length, let choices):
      guard let text = value as? String else { return "\(path) is not a text" }
      guard length.contains(text.unicodeScalars.count) else {
        return "\(path) has \(text.unicodeScalars.count) characters, expected "
          + Self.words(for: length)
      }
      if let choices, !choices.contains(text) {
        return "\(path) is '\(text)', expected one of "
          + choices.map { "'\($0)'" }.joined(separator: ", ")
      }
      return nil
    case .number(let isWhole):
      guard let number = value as? NSNumber, !isBoolean else { return "\(path) is not a number" }
      return isWhole && number.doubleValue.rounded() != number.doubleValue
        ? "\(path) is not a whole number" : nil
    case .boolean: return isBoolean ? nil : "\(path) is neither true nor false"
    }
  }

  private static func words(for range: ClosedRange<Int>) -> String {
    range.upperBound == .max
      ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  private func sentences(of object: [String: Any]) -> String {
    guard case .object(_, let required, _) = root else { return "" }
    return required.compactMap { name -> String? in
      let value = object[name]
      let words =
        (value as? [String])?.joined(separator: ", ") ?? value as? String
        ?? (value as? NSNumber).map { "\($0)" }
      guard var text = words?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty
      else { return nil }
      text = text.prefix(1).uppercased() + text.dropFirst()
      return text.last.map { ".!?".contains($0) } == true ? text : text + "."
    }.joined(separator: " ")
  }
}
