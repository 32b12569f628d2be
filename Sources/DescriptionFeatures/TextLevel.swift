/// What kind of text a vector is of.
public enum TextLevel: String, Codable, Sendable, CaseIterable {
  /// A video's whole description.
  case whole
  case sentence
  /// A part of a structured description, with its name.
  case field
  /// A prompt of a class, for label modules.
  case classPrompt = "class"
  /// A piece of a text over the limit, where pieces are kept.
  case piece
}
