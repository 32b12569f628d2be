import HTTP
import Workspaces

/// Why a server refuses a request that it understood. The reason is read from the server's
/// words, because servers use the statuses 400 and 500 for very different reasons.
public enum RequestRefusal: String, Codable, Sendable, CaseIterable {
  /// More images than the server accepts.
  case imageLimit
  /// More tokens than the model, or the server's share for one request, can hold.
  case contextLength
  /// The served model takes no images at all.
  case noVision
  /// An image with more or fewer pixels than the server accepts.
  case pictureSize
  /// An image that the server cannot read.
  case badMedia
  /// A body that is larger than the server, or a proxy before it, accepts.
  case tooLarge
  case other

  /// - Parameters:
  ///   - status: the HTTP status.
  ///   - words: the server's words.
  public init(status: Int, words: String) {
    self = RefusalPhrase.find(in: words)?.cause ?? Self.guess(status: status, words: words)
  }

  /// The cause of words that no phrase of the table fits.
  private static func guess(status: Int, words: String) -> RequestRefusal {
    if [411, 413].contains(status) { return .tooLarge }
    if status == 415 { return .badMedia }
    let text = words.lowercased()
    let media = ["media", "image", "picture", "jpeg", "base64", "data url"]
    return media.contains { text.contains($0) } ? .badMedia : .other
  }

  /// Whether words are those of a refusal that would come again, whatever the status.
  static func isRefusal(_ words: String) -> Bool {
    RefusalPhrase.find(in: words).map { $0.cause != .badMedia } ?? false
  }

  /// Whether the server would refuse the same request again. A status of 500 alone does not
  /// say so, but some servers use it for requests that are too long or contain images.
  static func isFinal(_ refusal: ServerRefusal) -> Bool {
    if RetryPolicy.isRetryable(status: refusal.status) {
      return [500, 501].contains(refusal.status) && isRefusal(refusal.words)
    }
    return true
  }

  /// The next step for the user, as the end of a message; nil if none is known. It names the
  /// options of all servers.
  public var remedy: String? { remedy(of: nil) }

  /// The next step after a refusal in these words; it names the option of the server whose
  /// words they are, if they identify one.
  public static func remedy(status: Int, words: String) -> String? {
    RequestRefusal(status: status, words: words).remedy(of: RefusalPhrase.find(in: words))
  }

  private func remedy(of phrase: RefusalPhrase?) -> String? {
    let options = phrase?.options ?? ServerKind.options(for: self)
    let raise = options.isEmpty ? "" : " (\(options))"
    return switch self {
    case .imageLimit:
      phrase?.server == .ollama
        ? "pass --frames 1, or serve a model that takes several pictures"
        : "lower --frames, or raise the server's limit\(raise)"
    case .contextLength:
      "lower --frames, --max-pixels or --max-tokens, or raise the server's limit\(raise)"
    case .noVision: "the served model takes no pictures; serve a model that does\(raise)"
    case .pictureSize: "lower --max-pixels, or change the server's limits\(raise)"
    case .badMedia:
      "the server cannot read the picture; check that its model accepts JPEG images"
    case .tooLarge:
      "lower --frames or --max-pixels, or raise the limit of the server or of the proxy before "
        + "it\(raise)"
    case .other: nil
    }
  }
}

extension AttemptCause {
  /// The cause under which a refusal is counted.
  init(_ refusal: ServerRefusal) {
    let status = refusal.status
    if RetryPolicy.isBusy(status: status) {
      self = .busy
    } else if !RequestRefusal.isFinal(refusal) {
      self = .serverError
    } else {
      self =
        switch RequestRefusal(status: status, words: refusal.words) {
        case .imageLimit: .imageLimit
        case .contextLength: .contextLength
        case .noVision: .noVision
        case .pictureSize: .pictureSize
        case .badMedia: .badMedia
        case .tooLarge: .tooLarge
        case .other: .refusedRequest
        }
    }
  }
}
