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
