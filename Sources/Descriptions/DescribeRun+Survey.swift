import Datasets
import Records
import Workspaces

/// What there is to do, found out before anything is asked.
extension DescribeRun {
  /// What a run is about to do, and what it knows of the rest.
  struct Plan: Sendable {
    var items: [DescribeItem] = []
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
    var items: [DescribeItem] = []
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
    let cutter = FootageCutter(
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
          DescribeItem(
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
  private static func wanted(_ items: [DescribeItem], failed: Set<String>?) -> Set<String> {
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
