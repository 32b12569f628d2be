import Records

/// Why a selection from a curve fails.
public enum KeySelectionError: ReportableError {
  /// A setting is out of range.
  case badSetting(name: String, found: String, allowed: String)
  /// The strategy compares embeddings, and the curve has none.
  case needsEmbeddings(strategy: String)

  public var description: String {
    switch self {
    case .badSetting(let name, let found, let allowed):
      "\(name): found \(found), expected \(allowed)"
    case .needsEmbeddings(let strategy):
      "\(strategy): compares what frames look like, and no candidate has an embedding; "
        + "score with CLIP, or give embeddings with the scores"
    }
  }

  public var failureKind: FailureKind { .usage }
}
