import Foundation

/// The named parts of a structured description: a JSON object, or lines that
/// begin with a name and a colon.
enum DescriptionFields {
  /// Names with their texts, in the order of the text (JSON: of the names); empty for prose.
  static func fields(of description: String) -> [(name: String, text: String)] {
    json(description) ?? lines(description)
  }

  private static func json(_ description: String) -> [(name: String, text: String)]? {
    guard description.drop(while: \.isWhitespace).first == "{",
      let object = try? JSONSerialization.jsonObject(with: Data(description.utf8))
    else { return nil }
    return flattened(object, name: "")
  }

  /// Nested names are joined with dots, lists with "; ". What holds no text is left out.
  private static func flattened(_ value: Any, name: String) -> [(name: String, text: String)] {
    switch value {
    case let object as [String: Any]:
      return object.sorted { $0.key < $1.key }.flatMap {
        flattened($0.value, name: name.isEmpty ? $0.key : "\(name).\($0.key)")
      }
    case let list as [Any]:
      let texts = list.flatMap { flattened($0, name: name) }
      return texts.isEmpty
        ? [] : [(name: name, text: texts.map(\.text).joined(separator: "; "))]
    case let text as String:
      return text.allSatisfy(\.isWhitespace) ? [] : [(name: name, text: text)]
    default: return []
    }
  }

  /// At least two lines such as `Actors: two men` or `- **Where:** a shop`; lines
  /// without a name belong to the field above.
  private static func lines(_ description: String) -> [(name: String, text: String)] {
    let named = #/^[\s\-*•\d.)#]*([\p{L}][\p{L}\p{N} _/-]{0,39}?)\s*(?:\*\*)?:(?:\*\*)?\s+(.*)$/#
    var fields: [(name: String, text: String)] = []
    for line in description.split(whereSeparator: \.isNewline) {
      if let match = line.wholeMatch(of: named) {
        fields.append((String(match.1), String(match.2)))
      } else if !fields.isEmpty, !line.allSatisfy(\.isWhitespace) {
        fields[fields.count - 1].text += " " + line.trimmingPrefix(while: \.isWhitespace)
      }
    }
    fields.removeAll { $0.text.allSatisfy(\.isWhitespace) }
    return fields.count > 1 ? fields : []
  }
}
