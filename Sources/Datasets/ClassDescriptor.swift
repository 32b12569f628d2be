/// One class of a data set: its name in files and how it is said to a text encoder.
public struct ClassDescriptor: Codable, Sendable, Equatable {
  /// The class's name, as the project writes it everywhere.
  public var name: String
  /// The words for prompts, best first; the name in lower case where absent.
  public var displayPrompts: [String]?
  /// Whether videos of this class hold no anomaly.
  public var isNormal: Bool?
  /// How the data set's own file names and annotation files write the class,
  /// where it is not `name`: `B1` for XD-Violence's fighting.
  public var code: String?

  public init(
    name: String, displayPrompts: [String]? = nil, isNormal: Bool? = nil, code: String? = nil
  ) {
    self.name = name
    self.displayPrompts = displayPrompts
    self.isNormal = isNormal
    self.code = code
  }

  /// The words for prompts: never empty.
  public var prompts: [String] {
    if let displayPrompts, !displayPrompts.isEmpty { return displayPrompts }
    return [Self.spelledOut(name)]
  }

  /// Whether the class is normality.
  public var normal: Bool { isNormal ?? false }

  /// How file names write the class.
  public var fileCode: String { code ?? name }

  /// A name as words: `RoadAccidents` and `road_accidents` are "road accidents".
  static func spelledOut(_ name: String) -> String {
    var words = ""
    for character in name {
      if character == "_" || character == "-" {
        words += " "
      } else {
        if character.isUppercase, let last = words.last, last.isLowercase { words += " " }
        words.append(character)
      }
    }
    return words.lowercased()
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, displayPrompts, isNormal, code
  }
}
