import Foundation
import Records
import Workspaces

/// Takes one item through its steps: choose frames, look for an answer, ask, store.
struct DescribeWorker: Sendable {
  let ledger: Ledger
  let describer: any Describer
  let source: any KeyFrameSource
  let preparation: FramePreparation
  let prompt: PromptTemplate
  let keys: RequestKeys
  let requestLock: KeyedLock
  /// Selecting and decoding.
  let selecting: BlockingWork
  /// The ledger's writes.
  let storing: BlockingWork
  /// Waiting for the disk, which must not delay other writes.
  let flushing: BlockingWork
  let comparison: AnswerComparison
  let badAnswers: BadAnswerWatch
  let longVideoWarning: OneTimeWarning
  let warn: @Sendable (String) -> Void
  let releasesQuarantine: Bool
  /// Whether the run is being stopped, so that nothing new may begin.
  let isStopping: @Sendable () -> Bool

  private struct Question: Sendable {
    let selection: LedgerSelection
    let durationSeconds: Double
    let request: LedgerRequest
    /// The request without its frames, which are released before a server is waited for.
    let prepared: any PreparedDescription
    /// The mean of the frames with which the description is compared; nil for no comparison.
    let frameMean: [Float]?
  }

  /// - Throws: the ledger's error; an item's own failure is an outcome.
  func describe(_ item: WorkItem) async throws -> DescribeOutcome {
    let question: Question
    do {
      question = try await selecting.run {
        // Many items wait here for a core when a stop is requested.
        if isStopping() { throw CancellationError() }
        return try self.question(about: item)
      }
    } catch is CancellationError {
      return .interrupted
    } catch RecordError.cannotWrite(let path, let reason) {
      // A full disk is not the item's fault, and the next item would fail in the same way.
      throw RecordError.cannotWrite(path: path, reason: reason)
    } catch {
      let reason = item.reason(for: error)
      try await noteFailure(
        .select, of: item, requestKey: nil, cause: Self.cause(error), reason: reason)
      return .failed(reason: reason, byServer: false)
    }
    let key = question.request.key
    await requestLock.lock(key)
    do {
      let outcome = try await answer(question, about: item)
      await requestLock.unlock(key)
      return outcome
    } catch {
      await requestLock.unlock(key)
      throw error
    }
  }

  private func question(about item: WorkItem) throws -> Question {
    let chosen = try source.chosenFrames(of: item.video, fingerprint: item.fingerprint)
    if let advice = VideoCutter.advice(for: item.video, durationSeconds: chosen.durationSeconds) {
      longVideoWarning.send(advice)
    }
    let frames = try preparation.frames(
      of: chosen, from: item.video, fingerprint: item.fingerprint)
    let configuration = keys.configuration
    let request = LedgerRequest(
      key: keys.request(
        frames.requested, durationSeconds: chosen.durationSeconds, fingerprint: item.fingerprint,
        segment: item.video.segment, view: item.video.view.record, label: item.label),
      videoID: item.video.id, selectionKey: chosen.selection.key,
      describerKind: keys.identity.kind.rawValue, model: keys.identity.model,
      promptName: configuration.usesPrompt ? prompt.name : "none",
      promptVersion: configuration.usesPrompt ? prompt.version : "none",
      promptHash: configuration.usesPrompt ? prompt.hash : "none",
      layout: configuration.layout, sampling: try Self.json(configuration.sampling),
      frames: try Self.json(frames.requested),
      predictedImageTokens: frames.sent.isEmpty
        ? nil : frames.sent.reduce(0) { $0 + $1.cost.tokens })
    var described = DescriptionRequest(
      videoID: item.video.id, videoPath: item.video.path,
      contentHash: item.fingerprint.hash, segment: item.video.segment,
      durationSeconds: chosen.durationSeconds, frames: frames.sent, prompt: prompt,
      classNames: item.video.classNames ?? [], label: item.label)
    described.view = item.video.view
    described.motion = chosen.motion
    let prepared = try describer.prepare(described)
    return Question(
      selection: chosen.selection, durationSeconds: chosen.durationSeconds, request: request,
      prepared: prepared,
      frameMean: try comparison.frameMean(for: request, item) {
        try frames.decoded
          ?? source.frames(of: chosen, from: item.video, fingerprint: item.fingerprint)
      })
  }

  private func answer(_ question: Question, about item: WorkItem) async throws
    -> DescribeOutcome
  {
    let (ledger, request) = (ledger, question.request)
    let known = try await storing.runToEnd {
      try ledger.prepare(
        request, selection: question.selection, durationSeconds: question.durationSeconds)
    }
    if var shared = known {
      shared.videoID = item.video.id
      shared.attemptID = nil
      try await store(shared, item, attempt: nil)
      return .alreadyAnswered
    }
    let recorder = AttemptRecorder(
      ledger: ledger, work: storing, videoID: item.video.id, requestKey: request.key,
      intentKey: item.intentKey)
    let started = Date()
    do {
      let losses = try await lossesBefore(item, request)
      var description = try await question.prepared.describe(
        lossesBefore: losses, recorder: recorder)
      badAnswers.noteKept()
      comparison.markDuplicate(&description)
      let similarity = try await comparison.similarity(
        of: description, to: question.frameMean, in: item)
      var attempt = recorder.accepted
      if attempt == nil {
        // The describer recorded no attempt, so one is recorded for it.
        attempt = try await noteAttempt(of: item, request.key, started: started)
      }
      try await store(
        LedgerDescription(
          videoID: item.video.id, requestKey: request.key, text: description.text,
          status: description.status == .truncated ? .truncated : .complete,
          describer: try Self.json(description.describer), attemptID: attempt?.id,
          findings: description.findings.isEmpty ? nil : description.findings,
          structured: description.structured, frameSimilarity: similarity,
          similarityEncoder: similarity == nil ? nil : comparison.frameCheck?.encoderName),
        item, attempt: attempt)
      return .described(description)
    } catch let error as WorkspaceError {
      throw error
    } catch is CancellationError {
      return .interrupted
    } catch DescriptionError.serverUnreachable(let endpoint, let reason) {
      return .serverLost(reason: "\(endpoint): \(reason)")
    } catch {
      let reason = item.reason(for: error)
      if let finding = recorder.rejection,
        case DescriptionError.unusableAnswer(_, _, let words, _) = error,
        let alarm = badAnswers.noteRejected(finding, reason: words)
      {
        warn(alarm)
      }
      if !(Self.isInLastAttempt(error) && recorder.hasFailures) {
        try await noteFailure(
          .describe, of: item, requestKey: request.key, cause: Self.cause(error), reason: reason)
      }
      return .failed(reason: reason, byServer: true)
    }
  }

  private func lossesBefore(_ item: WorkItem, _ request: LedgerRequest) async throws -> Int {
    guard !releasesQuarantine else { return 0 }
    let ledger = ledger
    return try await storing.runToEnd {
      try ledger.losses(videoID: item.video.id, requestKey: request.key)
    }
  }

  private func store(
    _ description: LedgerDescription, _ item: WorkItem, attempt: LedgerAttempt?
  ) async throws {
    let ledger = ledger
    try await storing.runToEnd {
      try ledger.store(
        description, intentKey: item.intentKey, endOf: attempt, isFlushed: false)
    }
    let point = ledger.flushPoint
    try await flushing.runToEnd { try ledger.flush(to: point) }
  }

  private func noteAttempt(of item: WorkItem, _ requestKey: String, started: Date)
    async throws -> LedgerAttempt
  {
    let ledger = ledger
    let attempt = LedgerAttempt(
      videoID: item.video.id, requestKey: requestKey, stage: .describe,
      intentKey: item.intentKey, started: started)
    var stored = try await storing.runToEnd { try ledger.begin(attempt) }
    stored.status = .succeeded
    stored.latencySeconds = Date().timeIntervalSince(started)
    return stored
  }

  private func noteFailure(
    _ stage: LedgerAttempt.Stage, of item: WorkItem, requestKey: String?,
    cause: AttemptCause, reason: String
  ) async throws {
    let ledger = ledger
    try await storing.runToEnd {
      try ledger.noteFailure(
        LedgerAttempt(
          videoID: item.video.id, requestKey: requestKey, stage: stage,
          intentKey: item.intentKey),
        cause: cause, reason: reason)
    }
  }

  /// Whether the row of the last attempt already records this error.
  private static func isInLastAttempt(_ error: any Error) -> Bool {
    switch error {
    case DescriptionError.refused, DescriptionError.unusableAnswer, DescriptionError.gaveUp,
      DescriptionError.unauthorized:
      true
    default: false
    }
  }

  private static func cause(_ error: any Error) -> AttemptCause {
    switch error {
    case DescriptionError.quarantined: .quarantined
    case DescriptionError.labelLeak: .labelLeak
    case DescriptionError.askedToWait: .busy
    case is DescriptionError: .other
    default: .selection
    }
  }

  private static func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONRecord.encode(value, pretty: false), as: UTF8.self)
  }
}
