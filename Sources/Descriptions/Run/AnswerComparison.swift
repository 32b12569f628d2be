import Records
import Video
import Workspaces

/// Compares new descriptions with each other and with their own frames.
struct AnswerComparison: Sendable {
  let ledger: Ledger
  let duplicates: DuplicateDetector
  /// Compares descriptions with their frames; nil if no model is available for it.
  let frameCheck: FrameTextCheck?
  let failureWarning: OneTimeWarning
  // A thread of its own, so that a comparison waits for no selection.
  private let work = BlockingWork(width: 1)

  init(
    ledger: Ledger, duplicates: DuplicateDetector, frameCheck: FrameTextCheck?,
    failureWarning: OneTimeWarning
  ) {
    self.ledger = ledger
    self.duplicates = duplicates
    self.frameCheck = frameCheck
    self.failureWarning = failureWarning
  }

  /// Adds the finding `nearDuplicate` if the description nearly equals another one. Sentences
  /// of measured facts are always similar, so they are not compared.
  func markDuplicate(_ description: inout Description) {
    guard description.describer.kind != .builtin else { return }
    let verdict = duplicates.insert(description.text)
    if verdict.groupSize > 1 { description.findings.append(.nearDuplicate) }
    if verdict.isAlarm { description.alarmingGroup = verdict.groupSize }
  }

  /// The mean of the frames with which the answer to a request will be compared; nil if
  /// nothing is compared, or if the answer is already stored.
  ///
  /// - Throws: the ledger's error.
  func frameMean(
    for request: LedgerRequest, _ item: WorkItem, frames: () throws -> [VideoFrame]
  ) throws -> [Float]? {
    guard let frameCheck, try ledger.answer(toRequest: request.key) == nil else { return nil }
    return warning(about: item) { try frameCheck.mean(of: frames()) }
  }

  /// How well a description matches the frames with this mean; nil if it is not compared.
  func similarity(
    of description: Description, to frameMean: [Float]?, in item: WorkItem
  ) async throws -> Double? {
    guard let frameCheck, let frameMean, description.describer.kind != .builtin else {
      return nil
    }
    let text = description.text
    // The answer is there, so this runs to its end even while the run is being stopped.
    return try await work.runToEnd {
      warning(about: item) { try frameCheck.similarity(of: text, to: frameMean) }
    }
  }

  /// The result of a comparison; nil with a warning if it fails, because a failing model must
  /// not cost an answer.
  private func warning<Value>(about item: WorkItem, _ compare: () throws -> Value?) -> Value? {
    do {
      return try compare()
    } catch {
      failureWarning.send(
        "\(item.reason(for: error)); descriptions are kept without a comparison with their frames")
      return nil
    }
  }
}
