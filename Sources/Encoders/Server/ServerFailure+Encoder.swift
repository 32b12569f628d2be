import HTTP
import Records

extension ServerFailure {
  /// What the failure means to who asked for embeddings.
  func encoderText(endpoint: String) -> String {
    switch self {
    case .unreachable(let reason), .loading(let reason):
      "\(endpoint): no encoder server answers (\(reason)); start it, or name another with --encoder"
    case .unauthorized(let status):
      "\(endpoint): the server refuses the key (HTTP \(status)); set KESS_API_KEY"
    case .noModelList(let found):
      "\(endpoint): no OpenAI-compatible server: \(found); "
        + "name its base URL, which mostly ends in /v1"
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
      "\(endpoint): \(attempts) tries failed, the last: \(reason)"
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
