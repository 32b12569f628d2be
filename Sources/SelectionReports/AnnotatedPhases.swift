/// The three windows of an annotated interval [s, e) in which a frame shows its
/// onset, its peak or its aftermath.
///
/// With length L = e - s and margin m = L/2, at least 1 s and at most 10 s:
///
/// - onset: [s - m, s + L/4), what leads to the event and its first quarter;
/// - peak: [s + L/4, e), the rest of the event;
/// - aftermath: [e, e + m), what it leaves behind.
///
/// Windows are cut to the video and to the middle of the pause between two
/// intervals. An event that lasts to the end of the video has no aftermath to find.
/// The windows follow the annotation alone: no relevance and no selector has a say.
/// We know of no published definition; this one is ours.
public struct AnnotatedPhases: Sendable, Equatable {
  public var onset: Range<Double>
  public var peak: Range<Double>
  /// Nil where the video ends with the event.
  public var aftermath: Range<Double>?

  /// The windows of every interval.
  ///
  /// - Parameters:
  ///   - intervals: half-open, in seconds, ascending, not overlapping, inside the video.
  public static func windows(
    of intervals: [Range<Double>], durationSeconds: Double
  ) -> [AnnotatedPhases] {
    intervals.indices.map { place in
      let (start, end) = (intervals[place].lowerBound, intervals[place].upperBound)
      let length = end - start
      let margin = min(10, max(1, length / 2))
      let before = place > 0 ? (intervals[place - 1].upperBound + start) / 2 : 0
      let after =
        place + 1 < intervals.count
        ? (end + intervals[place + 1].lowerBound) / 2 : durationSeconds
      let from = max(start - margin, before)
      let to = min(end + margin, after)
      return AnnotatedPhases(
        onset: from..<(start + length / 4), peak: (start + length / 4)..<end,
        aftermath: to > end ? end..<to : nil)
    }
  }

  /// The annotated intervals of a video in seconds: frame numbers over the frame
  /// rate, cut to the duration, empty ones left out, overlapping ones joined.
  public static func intervals(
    ofFrames events: [Range<Int>], frameRate: Double, durationSeconds: Double
  ) -> [Range<Double>] {
    var joined: [Range<Double>] = []
    for event in events.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let start = min(Double(event.lowerBound) / frameRate, durationSeconds)
      let end = min(Double(event.upperBound) / frameRate, durationSeconds)
      guard end > start else { continue }
      if let last = joined.last, last.upperBound >= start {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        joined.append(start..<end)
      }
    }
    return joined
  }
}
