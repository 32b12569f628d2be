import HTTP
import Workspaces

/// Why a server refuses a request that it understood. The reason is read from the server's
/// words, because servers use the one status 400 for very different reasons.
public enum RequestRefusal: String, Codable, Sendable {
  /// More images than the server accepts.
  case imageLimit
  /// More tokens than the model reads.
  case contextLength
  /// An image that the server cannot read.
  case badMedia
  /// A body that is larger than the server, or a proxy before it, accepts.
  case tooLarge
  case other

  /// - Parameters:
  ///   - status: the HTTP status.
  ///   - words: the server's words.
  public init(status: Int, words: String) {
    let text = words.lowercased()
    func has(_ wanted: [String]) -> Bool { wanted.contains { text.contains($0) } }
    if status == 413 {
      self = .tooLarge
    } else if has([
      "context length", "maximum context", "max_model_len", "context size", "too many tokens",
    ]) {
      self = .contextLength
    } else if text.contains("image"),
      has([
        "at most", "too many", "limit-mm-per-prompt", "limit_mm_per_prompt", "exceeds the limit",
      ])
    {
      self = .imageLimit
    } else if has(["media", "image", "jpeg", "base64", "data url", "multimodal"]) {
      self = .badMedia
    } else {
      self = .other
    }
  }

  /// The next step for the user, as the end of a message; nil if none is known.
  public var remedy: String? {
    switch self {
    case .imageLimit:
      "lower --frames, or raise the server's limit (vLLM: --limit-mm-per-prompt)"
    case .contextLength:
      "lower --frames, --max-pixels or --max-tokens, or raise the server's limit "
        + "(vLLM: --max-model-len)"
    case .badMedia:
      "the server cannot read the picture; check that its model accepts JPEG images"
    case .tooLarge: "lower --frames or --max-pixels"
    case .other: nil
    }
  }
}

extension AttemptCause {
  /// The cause under which a refusal is counted.
  init(refusal response: HTTPResponse) {
    let status = response.head.status
    if RetryPolicy.isBusy(status: status) {
      self = .busy
    } else if RetryPolicy.isRetryable(status: status) {
      self = .serverError
    } else {
      self =
        switch RequestRefusal(status: status, words: response.errorText) {
        case .imageLimit: .imageLimit
        case .contextLength: .contextLength
        case .badMedia: .badMedia
        case .tooLarge: .tooLarge
        case .other: .refusedRequest
        }
    }
  }
}
