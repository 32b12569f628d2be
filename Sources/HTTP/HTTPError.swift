import Records

/// Errors of an address or a key, before anything is sent.
public enum HTTPError: ReportableError {
  /// The endpoint's text is not a usable address.
  case badEndpoint(endpoint: String, reason: String)
  /// The key file or variable has no usable key.
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

/// Why a server gave no usable answer. Rooms turn it into an error of their own that
/// names the request and the option that named the server.
public enum ServerFailure: Error, Sendable, Equatable {
  /// No server answers.
  case unreachable(reason: String)
  /// A server answers, but has no models yet: it is starting.
  case loading(reason: String)
  /// The server requires a key, or another one.
  case unauthorized(status: Int)
  /// A server answers, but does not list its models.
  case noModelList(found: String)
  /// The server does not serve the requested model.
  case unknownModel(asked: String, served: [String])
  /// No model was named, and the server does not serve exactly one.
  case modelNotClear(served: [String])
  /// The server refuses the request; asking again would not help.
  case refused(status: Int, reason: String)
  /// The server's answer cannot be used.
  case unusableAnswer(reason: String)
  /// Every try failed.
  case gaveUp(attempts: Int, reason: String)
  /// The server asks for a longer pause than the limit.
  case askedToWait(seconds: Double)
}
