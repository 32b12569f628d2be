/// A stretch of a video's time, half-open.
public struct ReportInterval: Codable, Sendable, Equatable {
  public var startSeconds: Double
  public var endSeconds: Double

  public init(startSeconds: Double, endSeconds: Double) {
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
  }

  /// Whether the two share any time.
  public func overlaps(_ other: ReportInterval) -> Bool {
    startSeconds < other.endSeconds && other.startSeconds < endSeconds
  }

  /// Intervals in order, those that touch or overlap joined into one.
  public static func joined(_ intervals: [ReportInterval]) -> [ReportInterval] {
    var result: [ReportInterval] = []
    for next in intervals.sorted(by: { $0.startSeconds < $1.startSeconds }) {
      // Ends and starts come from divisions: a gap is more than a rounding error.
      if let last = result.last, next.startSeconds - last.endSeconds < 1e-3 {
        result[result.count - 1].endSeconds = max(last.endSeconds, next.endSeconds)
      } else {
        result.append(next)
      }
    }
    return result
  }
}
