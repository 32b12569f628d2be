import Foundation
import Records
import Synchronization
import Workspaces

/// Keeps one item's tries in the ledger. The end of the accepted try is held back,
/// to be stored in one transaction with the answer.
final class LedgerAttemptRecorder: AttemptRecorder {
  private let ledger: Ledger
  private let work: BlockingWork
  private let videoID: String
  private let requestKey: String
  private let intentKey: String
  private struct State {
    var begun: [Int64: LedgerAttempt] = [:]
    var accepted: LedgerAttempt?
    var hasFailures = false
  }
  private let state = Mutex(State())

  init(
    ledger: Ledger, work: BlockingWork, videoID: String, requestKey: String, intentKey: String
  ) {
    self.ledger = ledger
    self.work = work
    self.videoID = videoID
    self.requestKey = requestKey
    self.intentKey = intentKey
  }

  /// The try whose answer was accepted.
  var accepted: LedgerAttempt? { state.withLock(\.accepted) }

  /// Whether a try was stored as failed.
  var hasFailures: Bool { state.withLock(\.hasFailures) }

  func began(endpoint: String?, omittedFields: [String]) async throws -> Int64 {
    let attempt = LedgerAttempt(
      videoID: videoID, requestKey: requestKey, stage: .describe, intentKey: intentKey,
      endpoint: endpoint,
      omittedFields: omittedFields.isEmpty ? nil : omittedFields.joined(separator: ","))
    let ledger = ledger
    let stored = try await work.runToEnd { try ledger.begin(attempt) }
    let number = stored.id ?? 0
    state.withLock { $0.begun[number] = stored }
    return number
  }

  func ended(_ number: Int64, _ outcome: AttemptOutcome) async throws {
    guard var attempt = state.withLock({ $0.begun[number] }) else { return }
    attempt.latencySeconds = outcome.latencySeconds
    attempt.firstByteSeconds = outcome.firstByteSeconds
    attempt.httpStatus = outcome.httpStatus
    attempt.promptTokens = outcome.promptTokens
    attempt.completionTokens = outcome.completionTokens
    attempt.finishReason = outcome.finishReason
    attempt.error = outcome.error
    attempt.cause = outcome.cause
    attempt.findings = outcome.findings.isEmpty ? nil : outcome.findings
    attempt.expectedPromptTokens = outcome.expectedPromptTokens
    attempt.variation = try outcome.variation.map {
      String(decoding: try JSONRecord.encode($0, pretty: false), as: UTF8.self)
    }
    switch outcome.status {
    case .succeeded:
      attempt.status = .succeeded
      let accepted = attempt
      state.withLock { $0.accepted = accepted }
      return
    case .failed:
      attempt.status = .failed
      state.withLock { $0.hasFailures = true }
    case .cancelled: attempt.status = .cancelled
    }
    let (ledger, ended) = (ledger, attempt)
    try await work.runToEnd { try ledger.end(ended) }
  }
}

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
