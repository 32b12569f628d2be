import HTTP
import Workspaces

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
