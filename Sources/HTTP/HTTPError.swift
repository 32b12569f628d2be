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
