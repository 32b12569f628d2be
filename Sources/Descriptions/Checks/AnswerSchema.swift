import Foundation

/// The form in which a structured answer is asked for and checked: as much of JSON
/// Schema as prompts here need. A keyword that is not checked is refused, so that
/// nothing passes unread.
public struct AnswerSchema: Sendable {
  /// Its name in a request.
  public let name: String
  /// The schema, as it is sent.
  public let json: String
  private let root: Node

  /// The field of a chat request that asks for it.
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

  /// Why a text is no schema.
  struct Unusable: Error {
    let reason: String
  }

  /// - Throws: `Unusable`.
  init(name: String, source: Data) throws {
    guard let value = try? JSONSerialization.jsonObject(with: source) else {
      throw Unusable(reason: "not JSON")
    }
    self.name = name
    let compact = try JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    json = String(decoding: compact, as: UTF8.self)
    root = try Self.node(value, at: "$")
    guard case .object = root else { throw Unusable(reason: "not the schema of an object") }
  }

  private static let annotations: Set<String> = ["$schema", "title", "description"]

  private static func node(_ value: Any, at path: String) throws -> Node {
    guard let schema = value as? [String: Any], let type = schema["type"] as? String else {
      throw Unusable(reason: "\(path): no type")
    }
    func allow(_ names: Set<String>) throws {
      let unknown = Set(schema.keys).subtracting(names).subtracting(annotations)
        .subtracting(["type"])
      if let name = unknown.min() { throw Unusable(reason: "\(path): '\(name)' is not checked") }
    }
    /// A keyword's value; nil only where the keyword is not there.
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
      try keyword(name, "a whole number from 0") { (found: Any) -> Int? in
        guard !isBoolean(found), let count = found as? Int, count >= 0 else { return nil }
        return count
      }
    }
    func range(_ low: String, _ high: String) throws -> ClosedRange<Int> {
      let (least, most) = (try count(low) ?? 0, try count(high) ?? .max)
      guard least <= most else {
        throw Unusable(reason: "\(path): '\(low)' is \(least), over '\(high)', \(most)")
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
      guard let items = schema["items"] else { throw Unusable(reason: "\(path): no items") }
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
    default: throw Unusable(reason: "\(path): type '\(type)' is not checked")
    }
  }

  /// An answer that keeps to the schema.
  struct Answer: Sendable {
    /// The answer as compact JSON with sorted keys.
    let json: String
    /// Its words as sentences, in the order of the schema's required fields.
    let sentences: String
  }

  /// Reads an answer; a fence of Markdown around it is passed over.
  ///
  /// - Returns: what it says, or what is wrong with it.
  func read(_ text: String) -> Result<Answer, Violation> {
    var body = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if body.hasPrefix("```"), let line = body.firstIndex(where: \.isNewline) {
      body = String(body[body.index(after: line)...])
      if let fence = body.range(of: "```", options: .backwards) {
        body = String(body[..<fence.lowerBound])
      }
    }
    guard let value = try? JSONSerialization.jsonObject(with: Data(body.utf8)),
      let object = value as? [String: Any]
    else { return .failure(Violation(reason: "not a JSON object: \(body.prefix(80))")) }
    if let problem = Self.problem(object, root, at: "$") {
      return .failure(Violation(reason: problem))
    }
    guard
      let compact = try? JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    else { return .failure(Violation(reason: "not writable as JSON")) }
    return .success(
      Answer(
        json: String(decoding: compact, as: UTF8.self), sentences: sentences(of: object)))
  }

  /// What an answer breaks.
  struct Violation: Error {
    let reason: String
  }

  // JSON's true is a number to Foundation, unless it is asked for its type.
  private static func isBoolean(_ value: Any) -> Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }

  private static func problem(_ value: Any, _ node: Node, at path: String) -> String? {
    let isBoolean = isBoolean(value)
    switch node {
    case .object(let properties, let required, let isOpen):
      guard let object = value as? [String: Any] else { return "\(path) is no object" }
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
      guard let items = value as? [Any] else { return "\(path) is no list" }
      guard count.contains(items.count) else { return "\(path) has \(items.count) items" }
      for (place, inner) in items.enumerated() {
        if let problem = problem(inner, item, at: "\(path)[\(place)]") { return problem }
      }
      return nil
    case .string(let length, let choices):
      guard let text = value as? String else { return "\(path) is no text" }
      guard length.contains(text.unicodeScalars.count) else {
        return "\(path) has \(text.unicodeScalars.count) characters"
      }
      guard choices?.contains(text) ?? true else { return "\(path) is '\(text)'" }
      return nil
    case .number(let isWhole):
      guard let number = value as? NSNumber, !isBoolean else { return "\(path) is no number" }
      return isWhole && number.doubleValue.rounded() != number.doubleValue
        ? "\(path) is no whole number" : nil
    case .boolean: return isBoolean ? nil : "\(path) is neither true nor false"
    }
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
