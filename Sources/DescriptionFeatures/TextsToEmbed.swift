import Foundation

/// The texts of one video or class that are embedded.
public struct TextsToEmbed: Sendable, Equatable {
  /// One text. Its position is counted among the texts of its level.
  public struct Item: Sendable, Equatable {
    public var level: TextLevel
    /// A field's name.
    public var label: String?
    public var text: String

    public init(level: TextLevel, label: String? = nil, text: String) {
      self.level = level
      self.label = label
      self.text = text
    }
  }

  /// How descriptions become texts: part of every key.
  public static let templateVersion = "texts-1"

  /// A video's id, or a class's name.
  public let owner: String
  public let items: [Item]

  public init(owner: String, items: [Item]) {
    self.owner = owner
    self.items = items
  }

  /// The texts of a description at the requested levels. A level that the description lacks
  /// adds nothing; plain prose, for example, has no fields.
  public init(videoID: String, description: String, levels: Set<TextLevel>) {
    owner = videoID
    var items: [Item] = []
    if levels.contains(.whole) { items.append(Item(level: .whole, text: description)) }
    if levels.contains(.sentence) {
      items += TextChunker.sentences(of: description).map { Item(level: .sentence, text: $0) }
    }
    if levels.contains(.field) {
      items += DescriptionFields.fields(of: description).map {
        Item(level: .field, label: $0.name, text: $0.text)
      }
    }
    self.items = items
  }

  /// A class's prompts, in the form of the detectors' labels: "a video of ...".
  public init(className: String, prompts: [String]) {
    owner = className
    items = prompts.map { Item(level: .classPrompt, text: Self.classPrompt($0)) }
  }

  /// The text for a class that a text encoder gets.
  public static func classPrompt(_ words: String) -> String { "a video of \(words)" }
}

/// The kind of text that a vector belongs to.
public enum TextLevel: String, Codable, Sendable, CaseIterable {
  /// A video's whole description.
  case whole
  case sentence
  /// A part of a structured description, with its name.
  case field
  /// A prompt of a class, for label modules.
  case classPrompt = "class"
  /// A piece of a text over the encoder's limit, if pieces are kept.
  case piece
}

/// The named parts of a structured description, which is a JSON object, or lines that begin
/// with a name and a colon.
enum DescriptionFields {
  /// Names with their texts, in the order of the lines, or of the names in JSON; empty for
  /// prose.
  static func fields(of description: String) -> [(name: String, text: String)] {
    json(description) ?? lines(description)
  }

  private static func json(_ description: String) -> [(name: String, text: String)]? {
    guard description.drop(while: \.isWhitespace).first == "{",
      let object = try? JSONSerialization.jsonObject(with: Data(description.utf8))
    else { return nil }
    return flattened(object, name: "")
  }

  /// Nested names are joined with dots, lists with "; ". Values without text are left out.
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

  /// At least two lines such as `Actors: two men` or `- **Where:** a shop`. A line without a
  /// name belongs to the field above it.
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
