import Evaluation
import Records

/// Stretches of a score curve over a threshold.
public enum DetectedIntervals {
  /// One stretch: from the start of its first snippet to the end of its last.
  public struct Interval: Codable, Sendable, Equatable {
    public var startSeconds: Double
    public var endSeconds: Double
    /// The greatest score in it.
    public var peakScore: Float
    public var peakSeconds: Double
    /// The most likely anomaly class, of detectors that score classes, and the mean of its scores.
    public var className: String?
    public var classScore: Float?
  }

  /// The runs of snippets whose score is at least `threshold`.
  ///
  /// - Parameters:
  ///   - scores: one per snippet.
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

extension ScoredVideo {
  /// Frames per second; 25 where the rate is unknown.
  var knownFrameRate: Double { frameRate > 0 ? frameRate : 25 }

  /// When a snippet begins and ends, in seconds.
  func interval(ofSnippet index: Int) -> ClosedRange<Double> {
    let length = Snippet.frameCount
    let first = Double(index * length) / knownFrameRate
    let last = Double(min((index + 1) * length, frameCount)) / knownFrameRate
    return first...max(first, last)
  }

  /// The stretches over a threshold.
  public func intervals(over threshold: Float) -> [DetectedIntervals.Interval] {
    DetectedIntervals.find(in: scores, threshold: threshold, interval: interval)
  }
}
