import Datasets
import Foundation
import Records
import Synchronization
import Workspaces

/// Describes a list of videos into a workspace: only what is missing, a bounded
/// number at once, everything recorded as it happens.
public struct DescribeRun: Sendable {
  public let workspace: Workspace
  public let ledger: Ledger
  public let describer: any Describer
  public let source: any FrameSource
  public let prompt: PromptTemplate
  /// How many videos are in work at once.
  public let jobs: Int
  /// After so many failed answers in a row the run stops itself.
  public let failureLimit: Int
  /// Whether requests under which servers were lost in earlier runs are sent again.
  public let releasesQuarantine: Bool
  /// Whether a video's labels are let into its request.
  public let usesLabel: Bool
  /// How many frames a request has, for the look at the servers before the first one;
  /// nil to begin without a look.
  public let preflightFrames: Int?
  /// How long the pieces of long videos should be; nil to describe each as a whole.
  public let segmentSeconds: Int?
  /// Whether only items are asked about whose last try failed.
  public let onlyFailed: Bool
  /// Compares descriptions with their frames; nil for no comparison.
  public let frameCheck: FrameTextCheck?
  /// Whether frames are kept as they are sent, beside their selection.
  public let keepsFrames: Bool
  // Choosing and decoding, bounded by the cores; and the ledger's writes.
  let selecting: BlockingWork
  private let storing = BlockingWork(width: 1)

  public init(
    workspace: Workspace, ledger: Ledger, describer: any Describer, source: any FrameSource,
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

  /// Describes what has no answer yet, and refreshes `descriptions.jsonl`, also
  /// when stopped.
  ///
  /// An item's failure is recorded and the run goes on. Where the server cannot be
  /// reached any more the run ends, with `serverLost` set and the rest pending; after
  /// `failureLimit` failed answers in a row likewise, with `stoppedBecause`.
  ///
  /// - Throws: what makes the whole run impossible: `WorkspaceError` of the ledger
  ///   (a full disk, for one), or `RecordError` of the export.
  public func run(
    _ videos: [DatasetVideo], control: DescribeRunControl = DescribeRunControl(),
    progress: @escaping @Sendable (DescribeProgress) -> Void = { _ in },
    remark: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> DescribeSummary {
    let started = ContinuousClock.now
    let plan = try await selecting.run { try self.plan(videos) }
    await describer.drain(false)
    let work = Task { try await process(plan, control: control, remark, progress) }
    control.setOnStop { [describer] stop in
      // Who waits for a server waits no longer; then the work ends by itself.
      Task { await describer.drain(true) }
      if stop == .abort { work.cancel() }
    }
    defer { control.setOnStop(nil) }
    let result = await withTaskCancellationHandler {
      await work.result
    } onCancel: {
      control.request(.abort)
    }
    // The file is a view of what was stored, whatever ended the run.
    let (ledger, file) = (ledger, workspace.descriptionsFile)
    let exported: Result<DescriptionFigures, any Error>
    do {
      exported = .success(
        try await storing.runToEnd {
          try FrameTextOutliers.mark(in: ledger)
          let figures = try DescriptionFigures(of: ledger)
          try figures.mark(in: ledger)
          // Other processes' answers too, which this run may have passed over as done.
          try ledger.flush()
          try DescriptionExport.write(ledger, to: file)
          return figures
        })
    } catch {
      exported = .failure(error)
    }
    var (summary, described) = try result.get()
    try exported.get().write(to: &summary, described: described)
    summary.wasInterrupted = control.stop != .none
    summary.seconds = (ContinuousClock.now - started) / .seconds(1)
    return summary
  }

  private func process(
    _ plan: Plan, control: DescribeRunControl, _ remark: @escaping @Sendable (String) -> Void,
    _ progress: @Sendable (DescribeProgress) -> Void
  ) async throws -> (summary: DescribeSummary, described: Set<String>) {
    var summary = plan.summary
    var described: Set<String> = []
    let total = plan.items.count + plan.unreadable.count
    var finished = 0
    for video in plan.unreadable {
      finished += 1
      progress(
        DescribeProgress(
          videoID: video.videoID, outcome: .failed(reason: video.reason), finished: finished,
          total: total))
    }
    var describer = describer
    if let preflightFrames, !plan.items.isEmpty {
      let readied = try await describer.readied(for: prompt, frames: preflightFrames)
      describer = readied.describer
      for warning in readied.warnings { remark(warning) }
    }
    let worker = DescribeWorker(
      ledger: ledger, describer: describer, source: source,
      readying: FrameReadying(describer: describer, isKept: keepsFrames), prompt: prompt,
      keys: try RequestKeys(describer: describer, prompt: prompt), inFlight: RequestsInFlight(),
      selecting: selecting, storing: storing, flushing: BlockingWork(width: 1),
      comparing: BlockingWork(width: 1),
      duplicates: DuplicateWatch(),
      frameCheck: describer.identity.kind == .builtin ? nil : frameCheck,
      longFootage: OnceRemark(remark), checkFailure: OnceRemark(remark),
      releasesQuarantine: releasesQuarantine, isStopping: { control.stop != .none })
    let uncounted = OnceRemark(remark)
    let leases = ItemLeases(ledger: ledger, storing: storing)
    let renewal = Task { await leases.keepRenewing() }
    defer { renewal.cancel() }
    var waiting = plan.items[...]
    var failedInARow = 0
    if !waiting.isEmpty { try insertPresent(into: worker.duplicates, except: plan.items) }
    try await withThrowingTaskGroup(of: (DescribeItem, DescribeOutcome).self) { group in
      func admit() {
        guard control.stop == .none, summary.serverLost == nil,
          summary.stoppedBecause == nil, let item = waiting.popFirst()
        else { return }
        group.addTask { (item, try await leases.describe(item, by: worker)) }
      }
      for _ in 0..<jobs { admit() }
      while let (item, outcome) = try await group.next() {
        let videoID = item.video.id
        if case .heldElsewhere = outcome {
          // Looked at again after everything else.
          waiting.append(item)
          waiting[waiting.endIndex - 1].wasHeld = true
        }
        summary.note(outcome)
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
          described.insert(videoID)
          if let endpoint = description.uncountedAt {
            uncounted.say(
              "\(endpoint): an answer came without a count of prompt tokens: lost or shrunk images "
                + "cannot be noticed there; if streams have no counts, pass --no-stream")
          }
        case .failed, .shared, .serverLost, .brokenOff, .heldElsewhere, .endedElsewhere: break
        }
        if let shown = DescribeProgress.Outcome(outcome) {
          finished += 1
          progress(
            DescribeProgress(
              videoID: videoID, outcome: shown, finished: finished, total: total))
          if let alarm = Self.alarm(about: outcome) { remark(alarm) }
        }
        admit()
      }
    }
    summary.pending += waiting.count
    return (summary, described)
  }

  /// Takes up the present descriptions, each answer once, of all videos but those that
  /// are to be asked about: what they are asked anew gets much the same answer.
  private func insertPresent(into duplicates: DuplicateWatch, except items: [DescribeItem]) throws {
    let asked = Set(items.map(\.video.id))
    var seen: Set<String> = []
    var kinds = DescriberKinds()
    for known in try ledger.descriptions() where !asked.contains(known.videoID) {
      if kinds.isModel(known), seen.insert(known.requestKey).inserted {
        _ = duplicates.insert(known.text)
      }
    }
  }

  /// What one description says about the run as a whole.
  private static func alarm(about outcome: DescribeOutcome) -> String? {
    guard case .described(let description) = outcome, let size = description.alarmingGroup else {
      return nil
    }
    return "\(size) videos have nearly the same description: '\(description.text.prefix(80))'; "
      + "does the server see the pictures?"
  }
}
