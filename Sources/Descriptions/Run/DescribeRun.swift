import Datasets
import Foundation
import Records
import Synchronization
import Workspaces

/// Describes a list of videos into a workspace. It asks only about videos without an answer,
/// works on a limited number at once, and records everything as it happens.
public struct DescribeRun: Sendable {
  public let workspace: Workspace
  public let ledger: Ledger
  public let describer: any Describer
  public let source: any KeyFrameSource
  public let prompt: PromptTemplate
  /// The number of videos that are worked on at once.
  public let jobs: Int
  /// The run stops itself after this many failed answers in a row.
  public let failureLimit: Int
  /// Whether requests under which servers were lost in earlier runs are sent again.
  public let releasesQuarantine: Bool
  /// Whether a video's request contains its labels.
  public let usesLabel: Bool
  /// The number of frames per request, for the check of the servers before the first one; nil
  /// to start without a check.
  public let preflightFrames: Int?
  /// The wanted length of the pieces of long videos; nil to describe each video as a whole.
  public let segmentSeconds: Int?
  /// Whether only items are asked about whose last attempt failed.
  public let onlyFailed: Bool
  /// Compares descriptions with their frames; nil for no comparison.
  public let frameCheck: FrameTextCheck?
  /// Whether frames are stored, as they are sent, beside their selection.
  public let keepsFrames: Bool
  // Selecting and decoding, limited by the number of cores; and the ledger's writes.
  let selecting: BlockingWork
  private let storing = BlockingWork(width: 1)

  public init(
    workspace: Workspace, ledger: Ledger, describer: any Describer, source: any KeyFrameSource,
    prompt: PromptTemplate, jobs: Int = 4, failureLimit: Int = 25,
    releasesQuarantine: Bool = false, preflightFrames: Int? = nil, usesLabel: Bool = false,
    segmentSeconds: Int? = nil, onlyFailed: Bool = false,
    frameCheck: FrameTextCheck? = nil, keepsFrames: Bool = true
  ) {
    self.workspace = workspace
    self.ledger = ledger
    self.describer = describer
    self.source = source
    self.prompt = prompt
    self.jobs = max(1, jobs)
    self.failureLimit = max(1, failureLimit)
    self.releasesQuarantine = releasesQuarantine
    self.preflightFrames = preflightFrames
    self.usesLabel = usesLabel
    self.segmentSeconds = segmentSeconds
    self.onlyFailed = onlyFailed
    self.frameCheck = frameCheck
    self.keepsFrames = keepsFrames
    selecting = BlockingWork(width: min(self.jobs, Parallel.cores))
  }

  /// Describes the videos that have no answer yet, and refreshes `descriptions.jsonl`, also
  /// when stopped.
  ///
  /// An item's failure is recorded and the run goes on. If no server can be reached any more,
  /// the run ends with `serverLost` set and the rest pending. After `failureLimit` failed
  /// answers in a row it ends with `stoppedBecause` set.
  ///
  /// - Throws: errors that make the whole run impossible: `WorkspaceError` of the ledger, for
  ///   example on a full disk, or `RecordError` of the export.
  public func run(
    _ videos: [DatasetVideo], control: StopControl = StopControl(),
    progress: @escaping @Sendable (DescribeProgress) -> Void = { _ in },
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> DescribeSummary {
    let started = ContinuousClock.now
    let list = try await selecting.run { try self.workList(for: videos) }
    await describer.drain(false)
    let work = Task { try await process(list, control: control, warn, progress) }
    control.setOnStop { [describer] level in
      // Tasks stop waiting for a server, and then the work ends by itself.
      Task { await describer.drain(true) }
      if level == .abort { work.cancel() }
    }
    defer { control.setOnStop(nil) }
    let result = await withTaskCancellationHandler {
      await work.result
    } onCancel: {
      control.request(.abort)
    }
    // The export shows what was stored, however the run ended.
    let (ledger, file) = (ledger, workspace.descriptionsFile)
    let exported: Result<DescriptionFigures, any Error>
    do {
      exported = .success(
        try await storing.runToEnd {
          try FrameTextOutliers.mark(in: ledger)
          let figures = try DescriptionFigures(of: ledger)
          try figures.mark(in: ledger)
          // Includes other processes' answers, which this run may have counted as done.
          try ledger.flush()
          try DescriptionExport.write(ledger, to: file)
          return figures
        })
    } catch {
      exported = .failure(error)
    }
    var (summary, described) = try result.get()
    try exported.get().write(to: &summary, described: described)
    summary.wasInterrupted = control.level != .none
    summary.seconds = (ContinuousClock.now - started) / .seconds(1)
    return summary
  }

  private func process(
    _ list: WorkList, control: StopControl, _ warn: @escaping @Sendable (String) -> Void,
    _ progress: @Sendable (DescribeProgress) -> Void
  ) async throws -> (summary: DescribeSummary, described: Set<String>) {
    var summary = list.summary
    var described: Set<String> = []
    let total = list.items.count + list.unreadable.count
    var finished = 0
    func report(_ videoID: String, _ outcome: DescribeOutcome) {
      finished += 1
      progress(
        DescribeProgress(videoID: videoID, outcome: outcome, finished: finished, total: total))
    }
    for video in list.unreadable {
      report(video.videoID, .failed(reason: video.reason, byServer: false))
    }
    var describer = describer
    if let preflightFrames, !list.items.isEmpty {
      let items = list.items
      let sizes =
        describer.configuration.sendsFrames
        ? try await selecting.run { PictureSize.sample(of: items) } : []
      let checked = try await describer.checkedBeforeRun(
        prompt: prompt, frames: preflightFrames, sizes: sizes)
      describer = checked.describer
      for warning in checked.warnings { warn(warning) }
    }
    let duplicates = DuplicateDetector()
    let worker = DescribeWorker(
      ledger: ledger, describer: describer, source: source,
      preparation: FramePreparation(
        source: source, describer: describer, storesFrames: keepsFrames),
      prompt: prompt, keys: try RequestKeys(describer: describer, prompt: prompt),
      requestLock: KeyedLock(), selecting: selecting, storing: storing,
      flushing: BlockingWork(width: 1),
      comparison: AnswerComparison(
        ledger: ledger, duplicates: duplicates,
        frameCheck: describer.identity.kind == .builtin ? nil : frameCheck,
        failureWarning: OneTimeWarning(warn)),
      badAnswers: BadAnswerWatch(),
      longVideoWarning: OneTimeWarning(warn), warn: warn, releasesQuarantine: releasesQuarantine,
      isStopping: { control.level != .none })
    let uncountedWarning = OneTimeWarning(warn)
    var resized = ResizedPictures(items: list.items.count)
    let leases = ItemLeases(ledger: ledger, storing: storing)
    let renewal = Task { await leases.keepRenewing() }
    defer { renewal.cancel() }
    var waiting = list.items[...]
    var failedInARow = 0
    if !waiting.isEmpty { try insertCurrent(into: duplicates, except: list.items) }
    try await withThrowingTaskGroup(of: (WorkItem, DescribeOutcome).self) { group in
      func admit() {
        guard control.level == .none, summary.serverLost == nil,
          summary.stoppedBecause == nil, let item = waiting.popFirst()
        else { return }
        group.addTask { (item, try await leases.describe(item, by: worker)) }
      }
      for _ in 0..<jobs { admit() }
      while let (item, outcome) = try await group.next() {
        summary.count(outcome)
        switch outcome {
        case .failed(let reason, byServer: true):
          failedInARow += 1
          if failedInARow >= failureLimit {
            summary.stoppedBecause =
              summary.stoppedBecause
              ?? "\(failedInARow) videos in a row failed, the last: \(reason)"
          }
        case .described(let description):
          failedInARow = 0
          described.insert(item.video.id)
          if let warning = resized.note(description) { warn(warning) }
          if let endpoint = description.uncountedAt {
            uncountedWarning.send(
              "\(endpoint): an answer has no count of prompt tokens, so dropped or resized images "
                + "will not be noticed there; if streamed answers have no counts, pass --no-stream")
          }
        case .heldElsewhere:
          // It is tried again after everything else.
          waiting.append(item)
          waiting[waiting.endIndex - 1].wasHeld = true
        case .failed, .alreadyAnswered, .serverLost, .interrupted, .finishedElsewhere: break
        }
        if outcome.isFinal {
          report(item.video.id, outcome)
          if let alarm = Self.alarm(about: outcome) { warn(alarm) }
        }
        admit()
      }
    }
    summary.pending += waiting.count
    return (summary, described)
  }

  /// Inserts the current descriptions of all other videos, each answer once. Videos that are
  /// to be described are left out, because their new answers will resemble their old ones.
  private func insertCurrent(
    into duplicates: DuplicateDetector, except items: [WorkItem]
  ) throws {
    let asked = Set(items.map(\.video.id))
    var seen: Set<String> = []
    var kinds = DescriberKinds()
    for known in try ledger.descriptions() where !asked.contains(known.videoID) {
      if kinds.isModel(known), seen.insert(known.requestKey).inserted {
        _ = duplicates.insert(known.text)
      }
    }
  }

  /// The warning about the whole run that one description gives rise to; usually nil.
  private static func alarm(about outcome: DescribeOutcome) -> String? {
    guard case .described(let description) = outcome, let size = description.alarmingGroup else {
      return nil
    }
    return "\(size) videos have nearly the same description: '\(description.text.prefix(80))'; "
      + "check that the server sees the images"
  }
}
