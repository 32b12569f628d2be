import Records

/// What goes wrong with a detector's configuration, inputs and label text.
public enum DetectorError: ReportableError, Equatable {
  case badConfiguration(key: String, found: String, expected: String)
  case wrongFeatureWidth(subject: String, found: [Int], expectedWidth: Int)
  case noSnippets(subject: String)
  case notFinite(subject: String, row: Int)
  case wrongLabelEmbeddings(found: [Int], expected: [Int])
  case badTextTower(reason: String)

  public var description: String {
    switch self {
    case .badConfiguration(let key, let found, let expected):
      "model configuration: '\(key)' is \(found), expected \(expected)"
    case .wrongFeatureWidth(let subject, let found, let expected):
      "\(subject): features of shape \(found), expected [snippets, \(expected)]; "
        + "use features of the encoder that the model was made for"
    case .noSnippets(let subject):
      "\(subject): no snippet to score; a video needs at least one"
    case .notFinite(let subject, let row):
      "\(subject): snippet \(row) has a feature that is not finite; extract its features again"
    case .wrongLabelEmbeddings(let found, let expected):
      "label embeddings: found shape \(found), expected \(expected) (classes, label text width)"
    case .badTextTower(let reason):
      "CLIP text tower: \(reason); use the weights and configuration of one checkpoint"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .badConfiguration: .usage
    default: .unreadableInput
    }
  }
}
