/// Why an attempt came to nothing: what the failures of a run are counted by.
public enum AttemptCause: String, Codable, Sendable, CaseIterable {
  /// The file, or the choice of its frames.
  case selection
  /// No connection, or it broke.
  case network
  /// Nothing came for too long.
  case timeout
  /// HTTP 429, 502, 503.
  case busy
  /// Any other 5xx, 408, 409, 425.
  case serverError
  /// A body of status 200 that is no answer.
  case malformed
  /// The server was lost under the request: not charged to it.
  case serverLost
  /// Two servers were lost under the request: it is not sent again.
  case quarantined
  /// HTTP 400 for more images than the server takes.
  case imageLimit
  /// HTTP 400 for more tokens than the model reads.
  case contextLength
  /// HTTP 400 for a picture that the server cannot read.
  case badMedia
  /// HTTP 413.
  case tooLarge
  /// Sampling fields that the server does not know; asked again without them.
  case dialect
  /// Any other refusal.
  case refusedRequest
  /// An answer with a finding that nothing is kept of, or that is asked again.
  case badAnswer
  /// The request names the video's file or class; it was not sent.
  case labelLeak
  case interrupted
  case other
}
