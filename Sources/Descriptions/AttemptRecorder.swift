import Workspaces

/// Keeps a record of every try at a describer. A failure to record ends the run:
/// work that cannot be recorded is not done.
public protocol AttemptRecorder: Sendable {
  /// Stores that a try begins, before anything is sent.
  ///
  /// - Returns: a number for `ended`.
  func began(endpoint: String?, omittedFields: [String]) async throws -> Int64
  /// Stores how a try ended. An accepted answer's try is ended by whoever stores
  /// the answer, in one transaction with it, so `ended` only keeps its figures then.
  ///
  /// A try whose answer was asked for again is ended as failed, and a second time, as
  /// succeeded, where nothing better came and its answer is accepted after all.
  func ended(_ attempt: Int64, _ outcome: AttemptOutcome) async throws
}

/// How one try ended.
public struct AttemptOutcome: Sendable, Equatable {
  public enum Status: String, Sendable {
    case succeeded, failed, cancelled
  }

  public var status: Status
  /// From the start to the end.
  public var latencySeconds: Double
  /// From the start to the answer's first byte.
  public var firstByteSeconds: Double?
  public var httpStatus: Int?
  public var promptTokens: Int?
  public var completionTokens: Int?
  public var finishReason: String?
  /// What went wrong.
  public var error: String?
  /// What kind of thing went wrong.
  public var cause: AttemptCause?
  /// What the answer's checks found.
  public var findings: [AnswerFinding] = []
  /// The sampling of a question that was asked again otherwise.
  public var variation: SamplingParameters?
  /// How many prompt tokens the server should have counted.
  public var expectedPromptTokens: Int?

  public init(
    status: Status, latencySeconds: Double, firstByteSeconds: Double? = nil,
    httpStatus: Int? = nil, promptTokens: Int? = nil, completionTokens: Int? = nil,
    finishReason: String? = nil, error: String? = nil
  ) {
    self.status = status
    self.latencySeconds = latencySeconds
    self.firstByteSeconds = firstByteSeconds
    self.httpStatus = httpStatus
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.finishReason = finishReason
    self.error = error
  }
}
