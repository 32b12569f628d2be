import Foundation
import Records
import Workspaces

/// Takes one item through its steps: choose frames, look for an answer, ask, store.
struct DescribeWorker: Sendable {
  let ledger: Ledger
  let describer: any Describer
  let source: any KeyFrameSource
  let readying: FramePreparation
  let prompt: PromptTemplate
  let keys: RequestKeys
  let inFlight: KeyedLock
  /// Choosing and decoding.
  let selecting: BlockingWork
  /// The ledger's writes.
  let storing: BlockingWork
  /// The wait for the disk, which no other write should share.
  let flushing: BlockingWork
  /// Comparing texts with frames.
  let comparing: BlockingWork
  let duplicates: DuplicateDetector
  /// Compares descriptions with their frames; nil where no model is at hand.
  let frameCheck: FrameTextCheck?
  let longFootage: OneTimeWarning
  let checkFailure: OneTimeWarning
  let releasesQuarantine: Bool
  /// Whether nothing new is begun any more.
  let isStopping: @Sendable () -> Bool

  private struct Question: Sendable {
    let selection: LedgerSelection
    let durationSeconds: Double
    let request: LedgerRequest
    /// Without the frames: they are gone before a server is waited for.
    let prepared: any PreparedDescription
    /// What the description is compared with.
    let centre: [Float]?
  }

  /// - Throws: what the ledger throws; an item's own failure is an outcome.
  func describe(_ item: WorkItem) async throws -> DescribeOutcome {
    let question: Question
    do {
      question = try await selecting.run {
        // Many wait here for a core when a stop is asked for.
        if isStopping() { throw CancellationError() }
        return try self.question(about: item)
      }
    } catch is CancellationError {
      return .brokenOff
    } catch RecordError.cannotWrite(let path, let reason) {
      // A full disk is not the item's fault, and the next item's would be no better.
      throw RecordError.cannotWrite(path: path, reason: reason)
    } catch {
      let reason = Self.reason(error, item)
      try await noteFailure(
        .select, of: item, requestKey: nil, cause: Self.cause(error), reason: reason)
      return .failed(reason: reason, byServer: false)
    }
    let key = question.request.key
    await inFlight.enter(key)
    do {
      let outcome = try await answer(question, about: item)
      await inFlight.leave(key)
      return outcome
    } catch {
      await inFlight.leave(key)
      throw error
    }
  }

  private func question(about item: WorkItem) throws -> Question {
    let choice = try source.choice(for: item.video, fingerprint: item.fingerprint)
    if let advice = LongFootage.advice(
      for: item.video, durationSeconds: choice.durationSeconds)
    {
      longFootage.say(advice)
    }
    let (ready, decoded) = try readying.frames(of: choice, video: item.video)
    let costs = ready.compactMap(\.picture?.cost)
    let configuration = keys.configuration
    let request = LedgerRequest(
      key: keys.request(
        ready, durationSeconds: choice.durationSeconds, fingerprint: item.fingerprint,
        segment: item.video.segment, label: item.label),
      videoID: item.video.id, selectionKey: choice.selection.key,
      describerKind: keys.identity.kind.rawValue, model: keys.identity.model,
      promptName: configuration.usesPrompt ? prompt.name : "none",
      promptVersion: configuration.usesPrompt ? prompt.version : "none",
      promptHash: configuration.usesPrompt ? prompt.hash : "none",
      layout: configuration.layout, sampling: try Self.json(configuration.sampling),
      frames: try Self.json(ready.map(RequestedFrame.init)),
      predictedImageTokens: costs.isEmpty ? nil : costs.reduce(0) { $0 + $1.tokens })
    let prepared = try describer.prepare(
      DescriptionRequest(
        videoID: item.video.id, videoPath: item.video.path,
        contentHash: item.fingerprint.hash, segment: item.video.segment,
        durationSeconds: choice.durationSeconds, frames: shown(ready, decoded), prompt: prompt,
        classNames: item.video.classNames ?? [], label: item.label))
    return Question(
      selection: choice.selection, durationSeconds: choice.durationSeconds, request: request,
      prepared: prepared,
      centre: try centre(for: request, item) { try decoded ?? choice.frames() })
  }

  /// The frames with their pictures, or with their pixels for a describer that sends none.
  private func shown(_ ready: [ReadyFrame], _ decoded: [FrameForDescription]?) -> [ShownFrame] {
    let sent = ready.compactMap { frame in
      frame.picture.map {
        ShownFrame(picture: .ready($0), timestampSeconds: frame.timestampSeconds)
      }
    }
    return sent.isEmpty ? (decoded ?? []).map(\.shown) : sent
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
      return .shared
    }
    let recorder = LedgerAttemptRecorder(
      ledger: ledger, work: storing, videoID: item.video.id, requestKey: request.key,
      intentKey: item.intentKey)
    let started = Date()
    do {
      let losses = try await lossesBefore(item, request)
      var description = try await question.prepared.describe(
        lossesBefore: losses, recorder: recorder)
      compare(&description)
      let similarity = try await similarity(of: description, to: question.centre, in: item)
      var attempt = recorder.accepted
      if attempt == nil {
        // A describer that keeps no account of its tries: one for it.
        attempt = try await noteAttempt(of: item, request.key, started: started)
      }
      try await store(
        LedgerDescription(
          videoID: item.video.id, requestKey: request.key, text: description.text,
          status: description.status == .truncated ? .truncated : .complete,
          describer: try Self.json(description.describer), attemptID: attempt?.id,
          findings: description.findings.isEmpty ? nil : description.findings,
          structured: description.structured, frameSimilarity: similarity,
          similarityEncoder: similarity == nil ? nil : frameCheck?.encoderName),
        item, attempt: attempt)
      return .described(description)
    } catch let error as WorkspaceError {
      throw error
    } catch is CancellationError {
      return .brokenOff
    } catch DescriptionError.serverUnreachable(let endpoint, let reason) {
      return .serverLost(reason: "\(endpoint): \(reason)")
    } catch {
      let reason = Self.reason(error, item)
      if !(Self.isOfLastTry(error) && recorder.hasFailures) {
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

  /// Whether an error is what the last try came to, and is told by its row where tries
  /// are recorded.
  private static func isOfLastTry(_ error: any Error) -> Bool {
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

  static func reason(_ error: any Error, _ item: WorkItem) -> String {
    (error as? any ReportableError)?.description ?? "\(item.video.id): \(error)"
  }

  private static func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONRecord.encode(value, pretty: false), as: UTF8.self)
  }
}
