import HTTP
import Records
import Tensors

/// Errors of encoders and their files.
public enum EncoderError: ReportableError {
  case modelNotFound(name: String, searched: [String])
  case fileMissing(folder: String, file: String, remedy: String)
  case badConfiguration(path: String, found: String, expected: String)
  case missingWeight(path: String, tensor: String, expected: [Int])
  case misshapenWeight(path: String, tensor: String, found: [Int], expected: [Int])
  /// A weight that is not finite.
  case damagedWeight(path: String, tensor: String)
  case unusablePicture(found: String, expected: String)
  case unusableSnippet(found: String, expected: String)
  case noFrames(path: String)
  /// The server of `--encoder` gave no embeddings.
  case server(endpoint: String, failure: ServerFailure)
  /// The encoder cannot count the tokens of a text.
  case tokenCountUnknown(encoder: String)
  case notFinite(model: String, arithmetic: String)
  case unusableEmbeddings(encoder: String, found: [Int], expected: [Int])
  case featuresMissing(id: String, folder: String)

  public var description: String {
    switch self {
    case .modelNotFound(let name, let searched):
      "\(name): no such model folder, and not in \(searched.joined(separator: ", ")); "
        + "fetch it with kess models get, or name a folder"
    case .fileMissing(let folder, let file, let remedy):
      "\(folder): no \(file); \(remedy)"
    case .badConfiguration(let path, let found, let expected):
      "\(path): found \(found), expected \(expected)"
    case .missingWeight(let path, let tensor, let expected):
      "\(path): no tensor '\(tensor)', expected one of shape \(expected); "
        + "check that the weights belong to this config.json"
    case .damagedWeight(let path, let tensor):
      "\(path): tensor '\(tensor)' contains NaN or infinity, expected finite numbers; "
        + "fetch the weights again, or from another source"
    case .misshapenWeight(let path, let tensor, let found, let expected):
      "\(path): tensor '\(tensor)' has shape \(found), expected \(expected); "
        + "check that the weights belong to this config.json"
    case .unusablePicture(let found, let expected):
      "picture: found \(found), expected \(expected)"
    case .unusableSnippet(let found, let expected):
      "snippet: found \(found), expected \(expected)"
    case .unusableEmbeddings(let encoder, let found, let expected):
      "\(encoder): gave embeddings of shape \(found), expected \(expected)"
    case .featuresMissing(let id, let folder):
      "\(id): no snippet features in \(folder), and no encoder to make them; "
        + "run kess features, or import the missing ones"
    case .noFrames(let path):
      "\(path): no frame could be decoded; check the file with a player"
    case .server(let endpoint, let failure):
      failure.encoderText(endpoint: endpoint)
    case .tokenCountUnknown(let encoder):
      "\(encoder): a server does not count tokens; name the same weights with --clip-model"
    case .notFinite(let model, let arithmetic):
      "\(model): an embedding is not finite in \(arithmetic), expected finite numbers; "
        + (arithmetic == LinearArithmetic.f32.rawValue
          ? "the weights are too large for it: fetch them again, or from another source"
          : "use --precision f32")
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .unusableSnippet, .tokenCountUnknown, .notFinite, .unusableEmbeddings: .other
    case .server(_, let failure): failure.encoderFailureKind
    default: .unreadableInput
    }
  }
}

extension ServerFailure {
  /// The message for users who asked for embeddings.
  func encoderText(endpoint: String) -> String {
    switch self {
    case .unreachable(let reason), .loading(let reason):
      "\(endpoint): no encoder server answers (\(reason)); start it, or name another with --encoder"
    case .unauthorized(let status):
      "\(endpoint): the server refuses the key (HTTP \(status)); set KESS_API_KEY"
    case .noModelList(let found):
      "\(endpoint): no OpenAI-compatible server: \(found); "
        + "name its base URL, which usually ends in /v1"
    case .unknownModel(let asked, let served):
      "\(endpoint): does not serve '\(asked)', it serves \(Self.list(served)); "
        + Self.namingAModel
    case .modelNotClear(let served):
      "\(endpoint): serves \(Self.list(served)); " + Self.namingAModel
    case .refused(let status, let reason):
      "\(endpoint): no embeddings (HTTP \(status)): \(reason)"
    case .unusableAnswer(let reason):
      "\(endpoint): unusable embeddings: \(reason); check the server's model"
    case .gaveUp(let attempts, let reason):
      "\(endpoint): \(attempts) attempts failed, the last one: \(reason)"
    case .askedToWait(let seconds):
      "\(endpoint): the server asks to wait \(Int(seconds.rounded())) s; run again later"
    }
  }

  var encoderFailureKind: FailureKind {
    switch self {
    case .unknownModel, .modelNotClear: .usage
    case .unreachable, .loading: .serverUnreachable
    case .unauthorized, .noModelList, .refused, .unusableAnswer, .gaveUp, .askedToWait: .other
    }
  }

  private static let namingAModel =
    "name one with --encoder-model (of labels with --label-encoder-model)"

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "no model" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
