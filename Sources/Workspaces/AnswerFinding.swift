/// What is wrong, or odd, with an answer: kept with the attempt that brought it, and
/// with the description where it is kept all the same.
public enum AnswerFinding: String, Codable, Sendable, CaseIterable {
  /// No words.
  case empty
  /// The model declined, or a filter held the answer back.
  case refused
  /// The same words over and over.
  case repeating
  /// Not the JSON that was asked for.
  case notSchema
  /// Cut at the token limit.
  case truncated
  /// Letters of another script than the one expected.
  case wrongScript
  /// The server counted other prompt tokens than were sent: images were lost, shrunk
  /// or enlarged.
  case imageTokens
  /// Words that can only come from the file's name.
  case namesFile
  /// Nearly the words of another video's description.
  case nearDuplicate
  /// It fits its own frames far worse than other descriptions fit theirs.
  case unlikeFrames

  /// Whether nothing of such an answer is kept.
  public var isFatal: Bool {
    switch self {
    case .empty, .refused, .repeating, .notSchema: true
    case .truncated, .wrongScript, .imageTokens, .namesFile, .nearDuplicate, .unlikeFrames: false
    }
  }
}
