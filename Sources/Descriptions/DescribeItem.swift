import Datasets
import Workspaces

/// One video, or piece of one, that a run has to describe.
struct DescribeItem: Sendable {
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
