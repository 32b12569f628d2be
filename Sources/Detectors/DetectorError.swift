import Records

/// What goes wrong with a detector's configuration, inputs and label text.
public enum DetectorError: ReportableError, Equatable {
  case badConfiguration(key: String, found: String, expected: String)
  case wrongFeatureWidth(subject: String, found: [Int], expectedWidth: Int)
  case noSnippets(subject: String)
  case notFinite(subject: String, row: Int)
  case wrongLabelEmbeddings(found: [Int], expected: [Int])
  case badTextTower(reason: String)
  case unknownModel(name: String, known: [String])
  case unknownPreset(name: String, model: String, known: [String])
  case unknownSetting(key: String, model: String, near: [String])
  case noExport(model: String)

  public var description: String {
    switch self {
    case .badConfiguration(let key, let found, let expected):
      "setting '\(key)' is \(found), expected \(expected)"
    case .wrongFeatureWidth(let subject, let found, let expected):
      "\(subject): features of shape \(found), expected [snippets, \(expected)]; "
        + "use features of the encoder that the model was made for"
    case .noSnippets(let subject):
      "\(subject): no snippet to score; a video needs at least one"
    case .notFinite(let subject, let row):
      "\(subject): snippet \(row) has a non-finite feature; extract the features again"
    case .wrongLabelEmbeddings(let found, let expected):
      "label embeddings: found shape \(found), expected \(expected) (classes, label text width)"
    case .badTextTower(let reason):
      "CLIP text tower: \(reason); use the weights and configuration of one checkpoint"
    case .unknownModel(let name, let known):
      "no model '\(name)'; expected one of \(known.joined(separator: ", ")): see train-dbm models"
    case .unknownPreset(let name, let model, let known):
      "\(model) has no preset '\(name)'; expected one of \(known.joined(separator: ", "))"
    case .unknownSetting(let key, let model, let near):
      "\(model) has no setting '\(key)'"
        + (near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))")
        + "; train-dbm models --model \(model) lists all"
    case .noExport(let model):
      "\(model) has no export: its type gives none of its layers as a graph (exported(_:)); "
        + "use its checkpoint, which is a safetensors file"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .badConfiguration, .unknownModel, .unknownPreset, .unknownSetting, .noExport: .usage
    default: .unreadableInput
    }
  }

  /// Throws `badConfiguration` unless a condition on a setting holds.
  package static func check(_ holds: Bool, _ key: String, _ found: Any, _ expected: String) throws {
    guard holds else {
      throw badConfiguration(key: key, found: "\(found)", expected: expected)
    }
  }
}
