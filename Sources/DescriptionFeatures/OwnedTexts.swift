import Foundation

/// The texts of one video or class that get vectors.
public struct OwnedTexts: Sendable, Equatable {
  /// One text; its position is its place among those of its level.
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

  /// A description at the levels asked for. A level of which a description has
  /// nothing (fields of plain prose) adds nothing.
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

  /// A class's prompts, as the detectors' labels are said: "a video of ...".
  public init(className: String, prompts: [String]) {
    owner = className
    items = prompts.map { Item(level: .classPrompt, text: Self.classPrompt($0)) }
  }

  /// How a class's words are put to a text encoder.
  public static func classPrompt(_ words: String) -> String { "a video of \(words)" }
}
