/// What is done with a text that is longer than the encoder reads.
public enum LongTextRule: String, Codable, Sendable, CaseIterable {
  /// The encoder cuts it; the rest is lost, and counted as lost.
  case truncate
  /// Whole sentences packed under the limit; a sentence that is too long by
  /// itself is cut between words, a word between characters.
  case sentences
  /// Runs of words as long as fit, each beginning in the middle of the one before.
  case windows

  /// The rule with its version: part of the key of what it made.
  var versionedName: String { "\(rawValue)-2" }
}
