import Records

/// What is wrong with an address or a key, before anything is sent.
public enum HTTPError: ReportableError {
  /// The endpoint's text is not a usable address.
  case badEndpoint(endpoint: String, reason: String)
  /// The key file or variable holds no usable key.
  case unusableKey(source: String, reason: String)

  public var description: String {
    switch self {
    case .badEndpoint(let endpoint, let reason):
      "\(endpoint): not an endpoint: \(reason); name one like http://127.0.0.1:8000/v1"
    case .unusableKey(let source, let reason):
      "\(source): no usable API key: \(reason); put the key alone into a file for "
        + "--api-key-file, or into KESS_API_KEY"
    }
  }

  public var failureKind: FailureKind { .usage }
}

/// Why a server gave nothing to keep. Rooms turn it into an error of their own,
/// which knows what was asked for and by which option the server was named.
public enum ServerFailure: Error, Sendable, Equatable {
  /// No server answers.
  case unreachable(reason: String)
  /// Something answers, but not yet with models: a server that is starting.
  case loading(reason: String)
  /// The server wants another key, or any.
  case unauthorized(status: Int)
  /// Something answers, but does not list its models.
  case noModelList(found: String)
  /// The model that was asked for is not served.
  case unknownModel(asked: String, served: [String])
  /// No model was asked for and there is not exactly one.
  case modelNotClear(served: [String])
  /// The server refuses the request; asking again would not help.
  case refused(status: Int, reason: String)
  /// The server answers, but with nothing to keep.
  case unusableAnswer(reason: String)
  /// Every try failed.
  case gaveUp(attempts: Int, reason: String)
  /// The server asks for a longer pause than a run may make.
  case askedToWait(seconds: Double)
}
