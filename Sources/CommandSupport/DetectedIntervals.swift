/// Stretches of a score curve over a threshold.
public enum DetectedIntervals {
  /// One stretch: from the start of its first snippet to the end of its last.
  public struct Interval: Codable, Sendable, Equatable {
    public var startSeconds: Double
    public var endSeconds: Double
    /// The greatest score in it.
    public var peakScore: Float
    public var peakSeconds: Double
  }

  /// The runs of snippets whose score is at least `threshold`.
  ///
  /// - Parameters:
  ///   - scores: one a snippet.
  ///   - interval: when a snippet begins and ends, in seconds.
  public static func find(
    in scores: [Float], threshold: Float, interval: (Int) -> ClosedRange<Double>
  ) -> [Interval] {
    var found: [Interval] = []
    var isOpen = false
    for (index, score) in scores.enumerated() {
      guard score >= threshold else {
        isOpen = false
        continue
      }
      let seconds = interval(index)
      let middle = (seconds.lowerBound + seconds.upperBound) / 2
      if isOpen, var last = found.popLast() {
        last.endSeconds = seconds.upperBound
        if score > last.peakScore {
          last.peakScore = score
          last.peakSeconds = middle
        }
        found.append(last)
      } else {
        found.append(
          Interval(
            startSeconds: seconds.lowerBound, endSeconds: seconds.upperBound, peakScore: score,
            peakSeconds: middle))
      }
      isOpen = true
    }
    return found
  }
}
