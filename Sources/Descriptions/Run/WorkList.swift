import Datasets
import Records
import Workspaces

/// One video, or piece of one, that a run has to describe.
struct WorkItem: Sendable {
  let video: DatasetVideo
  let fingerprint: VideoFingerprint
  /// The label that the request may contain; usually nil.
  let label: String?
  /// The item's `RequestKeys.intent`.
  let intentKey: String
  /// Whether another process was working on it when this run last looked.
  var wasHeld = false

  /// An error in words that name the item.
  func reason(for error: any Error) -> String {
    (error as? any ReportableError)?.description ?? "\(video.id): \(error)"
  }
}

/// A video whose file, or header, cannot be read now.
struct UnreadableVideo: Sendable {
  let videoID: String
  /// Its items in the ledger: the video itself, or its pieces.
  let items: [String]
  let reason: String
}

/// The items that a run is about to describe.
struct WorkList: Sendable {
  var items: [WorkItem] = []
  /// Videos that failed before anything was asked; the summary counts them.
  var unreadable: [UnreadableVideo] = []
  var summary = DescribeSummary()
}

/// The state of a run's videos before anything is stored.
struct Survey: Sendable {
  var registered: [LedgerVideo] = []
  var items: [WorkItem] = []
  var unreadable: [UnreadableVideo] = []
  /// The request keys of the items that have an answer, by video id.
  var answered: [String: String] = [:]

  /// The items that have no answer.
  var open: [WorkItem] { items.filter { answered[$0.video.id] == nil } }
}

extension DescribeRun {
  /// Finds the videos, or pieces of them, that have no answer yet; with `onlyFailed` only
  /// among those that failed. It asks no server and stores nothing.
  ///
  /// - Parameter progress: called after each video's file was measured, on any thread.
  func survey(
    _ videos: [DatasetVideo], progress: @escaping @Sendable () -> Void = {}
  ) throws -> Survey {
    var survey = Survey()
    let known = try Dictionary(grouping: ledger.videos(), by: \.sourceID)
    let failed =
      onlyFailed
      ? try Dictionary(grouping: ledger.failures(), by: { $0.segmentOf ?? $0.videoID })
        .mapValues { Set($0.map(\.videoID)) } : nil
    let cutter = VideoCutter(
      segmentSeconds: segmentSeconds, keepsCuts: onlyFailed, known: known.values.joined())
    let keys = try RequestKeys(describer: describer, prompt: prompt)
    let measured = Parallel.map(videos, jobs: Parallel.cores) { video in
      defer { progress() }
      return Result {
        let before = (known[video.id] ?? []).filter { $0.path == video.path }
        let fingerprint = try VideoFingerprint.measure(
          path: video.path,
          known: (before.first(where: \.isCurrent) ?? before.first)?.measuredFingerprint)
        return (fingerprint, try cutter.items(of: video, fingerprint: fingerprint))
      }
    }
    for (video, measured) in zip(videos, measured) {
      let rows = known[video.id] ?? []
      do {
        let (fingerprint, (items, headerSeconds)) = try measured.get()
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
        // If a file is missing for now, what the ledger knows of it and its pieces stays.
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

  /// The items of a video to ask about. A retry asks about the items that failed, or about
  /// all items if the video is cut into other pieces than those that failed.
  private static func wanted(_ items: [WorkItem], failed: Set<String>?) -> Set<String> {
    let all = Set(items.map(\.video.id))
    guard let failed else { return all }
    return failed.isSubset(of: all) ? failed : all
  }

  /// Registers the videos in the ledger, and makes earlier answers to the same question the
  /// current ones.
  func workList(for videos: [DatasetVideo]) throws -> WorkList {
    let survey = try survey(videos)
    var list = WorkList()
    try ledger.register(survey.registered)
    list.unreadable = survey.unreadable
    for video in survey.unreadable {
      for item in video.items {
        try ledger.noteFailure(
          LedgerAttempt(videoID: item, requestKey: nil, stage: .select), cause: .selection,
          reason: video.reason)
      }
      list.summary.count(.failed(reason: video.reason, byServer: false))
    }
    try ledger.makePresent(survey.answered)
    list.items = survey.open
    list.summary.skipped = survey.items.count - list.items.count
    return list
  }
}

extension LedgerVideo {
  /// A row for a data set's video and the measurements of its file.
  ///
  /// - Parameters:
  ///   - headerSeconds: the duration in the file's header, if it was read.
  ///   - intentKey: `RequestKeys.intent` of the question about it; nil to leave the stored one.
  init(
    _ video: DatasetVideo, fingerprint: VideoFingerprint, headerSeconds: Double? = nil,
    intentKey: String? = nil
  ) {
    // A piece of an anomalous video has no known label of its own.
    let isLabelled = video.segment == nil || video.isAnomalous != nil
    self.init(
      id: video.id, path: video.path, fingerprint: fingerprint, split: video.split,
      classNames: isLabelled ? video.classNames : nil, isAnomalous: video.isAnomalous,
      segment: video.segment, headerSeconds: headerSeconds, intentKey: intentKey)
  }
}
