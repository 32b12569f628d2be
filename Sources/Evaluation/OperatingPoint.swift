/// A share of a count, with its 95% interval.
public struct ObservedShare: Codable, Sendable, Equatable {
  /// How many of `count`: a mean over runs need not be whole.
  public var found: Double
  public var count: Int
  /// Wilson's score interval (Wilson, 1927): within 0 and 1, and of use for shares near them.
  public var lower: Double
  public var upper: Double

  public var share: Double { found / Double(count) }

  /// - Precondition: `count` is positive and `found` at most that.
  public init(_ found: Double, of count: Int) {
    precondition(count > 0 && 0...Double(count) ~= found, "\(found) of \(count)")
    let z = 1.959963984540054
    let n = Double(count)
    let p = found / n
    let centre = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    self.found = found
    self.count = count
    lower = max(0, (centre - half) / (1 + z * z / n))
    upper = min(1, (centre + half) / (1 + z * z / n))
  }

  /// The mean over runs on the same videos. Its interval is that of one run with the mean
  /// share: runs do not add videos.
  ///
  /// - Returns: nil without shares, or where the counts differ.
  public static func mean(of shares: [ObservedShare]) -> ObservedShare? {
    guard let count = shares.first?.count, shares.allSatisfy({ $0.count == count }) else {
      return nil
    }
    return ObservedShare(
      shares.reduce(0) { $0 + $1.found } / Double(shares.count), of: count)
  }

  /// `12.0 of 30 (40%, 95% interval 25% to 58%)`.
  public var text: String {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
    let whole = found == found.rounded() ? "\(Int(found))" : "\((found * 10).rounded() / 10)"
    return "\(whole) of \(count) (\(percent(share)), 95% interval \(percent(lower)) to "
      + "\(percent(upper)))"
  }
}

/// What alarms at one threshold do: how many normal videos raise one, and how many events are
/// found.
public struct OperatingPoint: Codable, Sendable, Equatable {
  public var threshold: Float
  /// Normal videos with a score of at least the threshold; nil without normal videos.
  public var falseAlarms: ObservedShare?
  /// Events with such a score in a snippet that overlaps them; nil without events.
  public var events: ObservedShare?

  /// - Throws: `EvaluationError`, naming the video.
  public init(_ videos: [ScoredVideo], threshold: Float) throws {
    self.threshold = threshold
    var (normal, alarms, events, found) = (0, 0, 0, 0)
    for video in videos {
      try video.validate()
      if video.isAnomalous != true {
        normal += 1
        if video.scores.contains(where: { $0 >= threshold }) { alarms += 1 }
      }
      for event in video.events ?? [] {
        let shown = event.clamped(to: 0..<video.frameCount)
        guard !shown.isEmpty else { continue }
        events += 1
        let scores = FrameGroundTruth.frameScores(video.scores, frameCount: video.frameCount)
        if scores[shown].contains(where: { $0 >= threshold }) { found += 1 }
      }
    }
    falseAlarms = normal > 0 ? ObservedShare(Double(alarms), of: normal) : nil
    self.events = events > 0 ? ObservedShare(Double(found), of: events) : nil
  }
}
