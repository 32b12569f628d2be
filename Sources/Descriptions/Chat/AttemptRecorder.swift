import Records
import Synchronization
import Workspaces

/// Stores every attempt at one item in the ledger. A failure to store an attempt ends the
/// run, because work that is not recorded must not be done.
///
/// The end of the accepted attempt is held back: it is stored with the answer, in the same
/// transaction.
public final class AttemptRecorder: Sendable {
  private let ledger: Ledger
  private let work: BlockingWork
  private let videoID: String
  private let requestKey: String
  private let intentKey: String
  private struct State {
    var accepted: LedgerAttempt?
    var hasFailures = false
    var rejection: AnswerFinding?
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

  /// The attempt whose answer was accepted.
  var accepted: LedgerAttempt? { state.withLock(\.accepted) }

  /// Whether an attempt was stored as failed.
  var hasFailures: Bool { state.withLock(\.hasFailures) }

  /// The finding for which the last attempt's answer was not kept; nil if it had none.
  var rejection: AnswerFinding? { state.withLock(\.rejection) }

  /// Stores that an attempt starts now, before anything is sent.
  func begin(endpoint: String?, omittedFields: [String]) async throws -> LedgerAttempt {
    let attempt = LedgerAttempt(
      videoID: videoID, requestKey: requestKey, stage: .describe, intentKey: intentKey,
      endpoint: endpoint,
      omittedFields: omittedFields.isEmpty ? nil : omittedFields.joined(separator: ","))
    let ledger = ledger
    return try await work.runToEnd { try ledger.begin(attempt) }
  }

  /// Stores how an attempt ended; keeps it for later if it succeeded.
  ///
  /// An attempt whose answer was asked for again ends as failed. It ends a second time, as
  /// succeeded, if no better answer came and its own is accepted after all.
  func end(_ attempt: LedgerAttempt) async throws {
    if attempt.status == .succeeded {
      state.withLock { $0.accepted = attempt }
      return
    }
    if attempt.status == .failed {
      state.withLock {
        $0.hasFailures = true
        $0.rejection = attempt.cause == .badAnswer ? attempt.findings?.first(where: \.isFatal) : nil
      }
    }
    let ledger = ledger
    try await work.runToEnd { try ledger.end(attempt) }
  }
}
