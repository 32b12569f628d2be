import HTTP
import Workspaces

/// Why a server refuses a request that it understood, read from its words: servers
/// have one status, 400, for very different things.
public enum RequestRefusal: String, Codable, Sendable {
  /// More images than the server takes.
  case imageLimit
  /// More tokens than the model reads.
  case contextLength
  /// An image that the server cannot read.
  case badMedia
  /// The body is larger than the server, or what is before it, takes.
  case tooLarge
  case other

  /// - Parameters:
  ///   - status: the HTTP status.
  ///   - words: the server's own.
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

  /// What to do about it, as the end of a message; nil where nothing is known.
  public var remedy: String? {
    switch self {
    case .imageLimit:
      "lower --frames, or raise the server's limit (vLLM: --limit-mm-per-prompt)"
    case .contextLength:
      "lower --frames, --max-pixels or --max-tokens, or raise the server's limit "
        + "(vLLM: --max-model-len)"
    case .badMedia: "the server cannot read the picture"
    case .tooLarge: "lower --frames or --max-pixels"
    case .other: nil
    }
  }
}

extension AttemptCause {
  /// What a refusal is counted as.
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
