import Datasets
import Records
import Workspaces

/// What there is to do, found out before anything is asked.
extension DescribeRun {
  /// What a run is about to do, and what it knows of the rest.
  struct Plan: Sendable {
    var items: [DescribeItem] = []
    var summary = DescribeSummary()
  }

  /// What is known of a run's videos before anything is stored.
  struct Survey: Sendable {
    var registered: [LedgerVideo] = []
    var items: [DescribeItem] = []
    var unreadable: [(video: DatasetVideo, reason: String)] = []
    /// Request keys by video id, of those that have an answer.
    var answered: [String: String] = [:]
  }

  /// Finds out which videos, or pieces of them, have no answer yet.
  func survey(_ videos: [DatasetVideo]) throws -> Survey {
    var survey = Survey()
    let known = try Dictionary(uniqueKeysWithValues: ledger.videos().map { ($0.id, $0) })
    let cutter = FootageCutter(
      segmentSeconds: segmentSeconds, keepsCuts: onlyFailed, known: known.values)
    // What was measured of a file that is known in pieces only.
    let measured = Dictionary(
      known.values.map { ($0.path, $0.measuredFingerprint) },
      uniquingKeysWith: { first, _ in first }
    )
    let keys = try RequestKeys(describer: describer, prompt: prompt)
    for video in videos {
      do {
        let before = known[video.id].flatMap { $0.path == video.path ? $0 : nil }
        let fingerprint = try VideoFingerprint.measure(
          path: video.path, known: before?.measuredFingerprint ?? measured[video.path])
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
        survey.registered += items.map {
          LedgerVideo($0, fingerprint: fingerprint, headerSeconds: headerSeconds)
        }
        survey.items += keyed
      } catch let error as any ReportableError {
        // What is known of a file that is away for now stays known.
        if known[video.id] == nil {
          survey.registered.append(LedgerVideo(video, fingerprint: .unmeasured))
        }
        survey.unreadable.append((video, error.description))
      }
    }
    survey.answered = try ledger.answeredRequests(
      intentKeys: Dictionary(
        survey.items.map { ($0.video.id, $0.intentKey) }, uniquingKeysWith: { first, _ in first }))
    return survey
  }

  /// Registers the videos and makes earlier answers to this question their present ones.
  func plan(_ videos: [DatasetVideo]) throws -> Plan {
    var survey = try survey(videos)
    var plan = Plan()
    try ledger.register(survey.registered)
    if onlyFailed {
      let failed = Set(try ledger.failures().map(\.videoID))
      survey.items.removeAll { !failed.contains($0.video.id) }
    }
    for (video, reason) in survey.unreadable {
      try ledger.noteFailure(
        LedgerAttempt(videoID: video.id, requestKey: nil, stage: .select), cause: .selection,
        reason: reason)
      plan.summary.noteFailure(reason)
    }
    try ledger.makePresent(survey.answered)
    plan.items = survey.items.filter { survey.answered[$0.video.id] == nil }
    plan.summary.skipped = survey.items.count - plan.items.count
    return plan
  }
}
