import Datasets
import Records
import Workspaces

/// What there is to do, found out before anything is asked.
extension DescribeRun {
  /// What a run is about to do, and what it knows of the rest.
  struct Plan: Sendable {
    var items: [WorkItem] = []
    /// What failed before anything was asked; counted in the summary.
    var unreadable: [UnreadableVideo] = []
    var summary = DescribeSummary()
  }

  /// A video whose file, or header, cannot be read now.
  struct UnreadableVideo: Sendable {
    let videoID: String
    /// What the ledger knows it as: itself, or its pieces.
    let items: [String]
    let reason: String
  }

  /// What is known of a run's videos before anything is stored.
  struct Survey: Sendable {
    var registered: [LedgerVideo] = []
    var items: [WorkItem] = []
    var unreadable: [UnreadableVideo] = []
    /// Request keys by video id, of the items that have an answer.
    var answered: [String: String] = [:]
  }

  /// Finds out which videos, or pieces of them, have no answer yet; with `onlyFailed`
  /// among those that failed.
  func survey(_ videos: [DatasetVideo]) throws -> Survey {
    var survey = Survey()
    let known = try Dictionary(grouping: ledger.videos(), by: \.sourceID)
    let failed =
      onlyFailed
      ? try Dictionary(grouping: ledger.failures(), by: { $0.segmentOf ?? $0.videoID })
        .mapValues { Set($0.map(\.videoID)) } : nil
    let cutter = VideoCutter(
      segmentSeconds: segmentSeconds, keepsCuts: onlyFailed, known: known.values.joined())
    let keys = try RequestKeys(describer: describer, prompt: prompt)
    for video in videos {
      let rows = known[video.id] ?? []
      do {
        let before = rows.filter { $0.path == video.path }
        let fingerprint = try VideoFingerprint.measure(
          path: video.path,
          known: (before.first(where: \.isCurrent) ?? before.first)?.measuredFingerprint)
        let (items, headerSeconds) = try cutter.items(of: video, fingerprint: fingerprint)
        let label = usesLabel ? video.classNames?.joined(separator: ", ") : nil
        let keyed = try items.map { item in
          WorkItem(
            video: item, fingerprint: fingerprint, label: label,
            intentKey: keys.intent(
              fingerprint: fingerprint,
              selectionKey: try source.selectionKey(for: item, fingerprint: fingerprint),
              label: label))
        }
        let wanted = Self.wanted(keyed, failed: failed.map { $0[video.id] ?? [] })
        survey.registered += keyed.map {
          LedgerVideo(
            $0.video, fingerprint: fingerprint, headerSeconds: headerSeconds,
            intentKey: wanted.contains($0.video.id) ? $0.intentKey : nil)
        }
        survey.items += keyed.filter { wanted.contains($0.video.id) }
      } catch let error as any ReportableError {
        // What is known of a file that is away for now stays known, its pieces too.
        if rows.isEmpty {
          survey.registered.append(LedgerVideo(video, fingerprint: .unmeasured))
        }
        survey.unreadable.append(
          UnreadableVideo(
            videoID: video.id,
            items: rows.isEmpty ? [video.id] : rows.filter(\.isCurrent).map(\.id),
            reason: error.description))
      }
    }
    survey.answered = try ledger.answeredRequests(
      intentKeys: Dictionary(
        survey.items.map { ($0.video.id, $0.intentKey) }, uniquingKeysWith: { first, _ in first }))
    return survey
  }

  /// Which of a video's items are asked about: of a retry those that failed, or all where
  /// the video is cut otherwise than what failed.
  private static func wanted(_ items: [WorkItem], failed: Set<String>?) -> Set<String> {
    let all = Set(items.map(\.video.id))
    guard let failed else { return all }
    return failed.isSubset(of: all) ? failed : all
  }

  /// Registers the videos and makes earlier answers to this question their present ones.
  func plan(_ videos: [DatasetVideo]) throws -> Plan {
    let survey = try survey(videos)
    var plan = Plan()
    try ledger.register(survey.registered)
    plan.unreadable = survey.unreadable
    for video in survey.unreadable {
      for item in video.items {
        try ledger.noteFailure(
          LedgerAttempt(videoID: item, requestKey: nil, stage: .select), cause: .selection,
          reason: video.reason)
      }
      plan.summary.noteFailure(video.reason)
    }
    try ledger.makePresent(survey.answered)
    plan.items = survey.items.filter { survey.answered[$0.video.id] == nil }
    plan.summary.skipped = survey.items.count - plan.items.count
    return plan
  }
}

/// One video, or piece of one, that a run has to describe.
struct WorkItem: Sendable {
  let video: DatasetVideo
  let fingerprint: VideoFingerprint
  /// The label that is let into the request; nil mostly.
  let label: String?
  /// `RequestKeys.intent` of it.
  let intentKey: String
  /// Whether another process worked on it when it was looked at last.
  var wasHeld = false
}

/// What became of an item.
enum DescribeOutcome: Sendable {
  case described(Description)
  /// The same question was answered before.
  case shared
  /// `byServer`: the video was asked about, rather than unreadable here.
  case failed(reason: String, byServer: Bool)
  /// The server is gone: not the item's fault.
  case serverLost(reason: String)
  /// The run was stopped.
  case brokenOff
  /// Another process at the same ledger works on it.
  case heldElsewhere
  /// Another process came to its end with it since this run began.
  case endedElsewhere
}

extension DescribeSummary {
  mutating func noteFailure(_ reason: String) {
    failed += 1
    if failures.count < Self.listedFailures { failures.append(reason) }
  }

  mutating func note(_ outcome: DescribeOutcome) {
    switch outcome {
    case .described(let description):
      done += 1
      if description.status == .truncated { truncated += 1 }
      for finding in description.findings { findings[finding.rawValue, default: 0] += 1 }
    case .shared: skipped += 1
    case .failed(let reason, _): noteFailure(reason)
    case .serverLost(let reason):
      pending += 1
      serverLost = serverLost ?? reason
    case .brokenOff: pending += 1
    case .heldElsewhere: break
    case .endedElsewhere: elsewhere += 1
    }
  }
}

extension DescribeProgress.Outcome {
  /// Nil for what is left to a later run.
  init?(_ outcome: DescribeOutcome) {
    switch outcome {
    case .described(let description):
      self = .described(text: description.text, truncated: description.status == .truncated)
    case .shared: self = .shared
    case .failed(let reason, _): self = .failed(reason: reason)
    case .endedElsewhere: self = .elsewhere
    case .serverLost, .brokenOff, .heldElsewhere: return nil
    }
  }
}

extension LedgerVideo {
  /// A data set's video with what was measured of its file.
  ///
  /// - Parameters:
  ///   - headerSeconds: the file's duration by its header, where it was asked.
  ///   - intentKey: `RequestKeys.intent` of what is asked about it; nil to leave that.
  init(
    _ video: DatasetVideo, fingerprint: VideoFingerprint, headerSeconds: Double? = nil,
    intentKey: String? = nil
  ) {
    // A piece's own label is not known where the video's is not kept for it.
    let isLabelled = video.segment == nil || video.isAnomalous != nil
    self.init(
      id: video.id, path: video.path, fingerprint: fingerprint, split: video.split,
      classNames: isLabelled ? video.classNames : nil, isAnomalous: video.isAnomalous,
      segment: video.segment, headerSeconds: headerSeconds, intentKey: intentKey)
  }
}
