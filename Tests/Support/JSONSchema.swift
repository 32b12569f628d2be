import Foundation

/// As much of JSON Schema 2020-12 as this repository's schemas use: type, const,
/// enum, properties, required, additionalProperties, items, minItems, maxItems,
/// minimum, maximum, anyOf and $ref into $defs. A keyword that is none of these, and
/// no annotation, fails the check: nothing passes unread.
public struct JSONSchema {
  private let root: [String: Any]
  private static let known: Set<String> = [
    "type", "const", "enum", "properties", "required", "additionalProperties", "items",
    "minItems", "maxItems", "minimum", "maximum", "anyOf", "$ref", "$defs", "$schema", "title",
    "description",
  ]

  public struct NotASchema: Error {}

  public init(contentsOf url: URL) throws {
    guard
      let root = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
    else { throw NotASchema() }
    self.root = root
  }

  /// What is wrong with a JSON document, one line each; empty where it conforms.
  public func problems(in data: Data) throws -> [String] {
    problems(
      try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed), root, at: "$")
  }

  private func problems(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
    var found = schema.keys.filter { !Self.known.contains($0) }.map {
      "\(path): the schema's '\($0)' is not checked"
    }
    if let reference = schema["$ref"] as? String {
      let name = reference.replacing("#/$defs/", with: "")
      guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return found + ["\(path): no definition '\(reference)'"]
      }
      found += problems(value, target, at: path)
    }
    if let choices = schema["anyOf"] as? [[String: Any]],
      choices.allSatisfy({ !problems(value, $0, at: path).isEmpty })
    {
      found.append("\(path): fits none of anyOf")
    }
    if let type = schema["type"] {
      let types = (type as? [String]) ?? [(type as? String) ?? ""]
      if !types.contains(where: { Self.isValue(value, of: $0) }) {
        return found + ["\(path): is not \(types.joined(separator: " or "))"]
      }
    }
    if let constant = schema["const"] as? AnyHashable, constant != value as? AnyHashable {
      found.append("\(path): is not \(constant)")
    }
    if let allowed = schema["enum"] as? [AnyHashable],
      !allowed.contains(where: { $0 == value as? AnyHashable })
    {
      found.append("\(path): is none of \(allowed)")
    }
    if let number = value as? NSNumber {
      if let least = schema["minimum"] as? Double, number.doubleValue < least {
        found.append("\(path): \(number) is less than \(least)")
      }
      if let most = schema["maximum"] as? Double, number.doubleValue > most {
        found.append("\(path): \(number) is more than \(most)")
      }
    }
    if let object = value as? [String: Any] {
      found += problems(ofObject: object, schema, at: path)
    }
    if let array = value as? [Any] {
      if let items = schema["items"] as? [String: Any] {
        for (place, item) in array.enumerated() {
          found += problems(item, items, at: "\(path)[\(place)]")
        }
      }
      if let least = schema["minItems"] as? Int, array.count < least {
        found.append("\(path): \(array.count) items, at least \(least)")
      }
      if let most = schema["maxItems"] as? Int, array.count > most {
        found.append("\(path): \(array.count) items, at most \(most)")
      }
    }
    return found
  }

  private func problems(
    ofObject object: [String: Any], _ schema: [String: Any], at path: String
  ) -> [String] {
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    var found = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
      "\(path): no '\($0)'"
    }
    for (key, value) in object.sorted(by: { $0.key < $1.key }) {
      if let property = properties[key] {
        found += problems(value, property, at: "\(path).\(key)")
      } else if let others = schema["additionalProperties"] as? [String: Any] {
        found += problems(value, others, at: "\(path).\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        found.append("\(path): '\(key)' is not in the schema")
      }
    }
    return found
  }

  private static func isValue(_ value: Any, of type: String) -> Bool {
    let number = value as? NSNumber
    let isBoolean = number.map { String(cString: $0.objCType) == "c" } ?? false
    return switch type {
    case "null": value is NSNull
    case "boolean": isBoolean
    case "number": number != nil && !isBoolean
    case "integer": !isBoolean && number.map { $0.doubleValue == $0.doubleValue.rounded() } == true
    case "string": value is String
    case "array": value is [Any]
    case "object": value is [String: Any]
    default: false
    }
  }
}
