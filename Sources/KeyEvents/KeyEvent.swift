/// A stretch of a video in which relevance stands out, and its three stages.
public struct KeyEvent: Codable, Sendable, Equatable {
  /// The event's number, from 1 in time order.
  public var number: Int
  /// The first and the last candidate of the event, as indices into the curve.
  public var firstCandidate: Int
  public var lastCandidate: Int
  /// The most relevant candidate, the earliest of equals.
  public var peakCandidate: Int
  public var startSeconds: Double
  public var endSeconds: Double
  public var peakSeconds: Double
  /// The sum of the event's normalised relevance above the curve's resting level.
  public var mass: Double
  /// The candidates that show the event building up, first and last: its own
  /// before the peak stage; without such, the one just before the event, unless
  /// another event has it.
  public var onset: ClosedRange<Int>?
  /// The candidates of the segment that holds the peak, first and last.
  public var peak: ClosedRange<Int>
  /// The candidates that show what the event leaves behind, first and last: its own
  /// after the peak stage; without such, those that follow it for as long as it
  /// lasted, at least one, at most halfway to the next event.
  public var aftermath: ClosedRange<Int>?

  /// The rule in words, for records and help.
  public static let segmentationRule =
    "PELT (Killick, Fearnhead, Eckley 2012) cuts the relevance brought to [0,1] into segments of "
    + "constant level: squared error, penalty 3 sigma^2 ln N, sigma from the median difference, at "
    + "least 0.05. Neighbouring segments above the resting level (20th percentile) by more than "
    + "max(0.2, 3 sigma), at most 0.5, are one event; its peak stage is the segment with its most "
    + "relevant candidate, onset is what comes before, aftermath what comes after."

  /// The events of a curve: see `segmentationRule`. Unscored candidates are left
  /// out of it.
  public static func segment(_ curve: RelevanceCurve) -> [KeyEvent] {
    let scored = curve.scored
    let values = curve.normalised().compactMap { $0 }
    guard let greatest = values.max(), greatest > 0 else { return [] }
    let segmentation = RelevanceSegmentation(values: values)
    let resting = values.sorted()[values.count / 5]
    let threshold = resting + min(0.5, max(0.2, 3 * segmentation.noise))

    var stages: [EventStages] = []
    for segment in segmentation.segments where segment.level > threshold {
      let range = segment.range.lowerBound...(segment.range.upperBound - 1)
      let top = range.reduce(range.lowerBound) { values[$1] > values[$0] ? $1 : $0 }
      if let last = stages.last, last.range.upperBound + 1 == range.lowerBound {
        stages[stages.count - 1].extend(by: range, isHigher: values[top] > values[last.top], top)
      } else {
        stages.append(EventStages(range: range, peak: range, top: top))
      }
    }
    EventStages.addSurroundings(to: &stages, times: scored.map { curve.timestamps[$0] })
    func candidates(_ range: ClosedRange<Int>) -> ClosedRange<Int> {
      scored[range.lowerBound]...scored[range.upperBound]
    }
    return stages.enumerated().map { place, stages in
      let range = candidates(stages.range)
      let top = scored[stages.top]
      return KeyEvent(
        number: place + 1, firstCandidate: range.lowerBound, lastCandidate: range.upperBound,
        peakCandidate: top, startSeconds: curve.timestamps[range.lowerBound],
        endSeconds: curve.timestamps[range.upperBound], peakSeconds: curve.timestamps[top],
        mass: stages.range.reduce(0) { $0 + max(0, values[$1] - resting) },
        onset: stages.onset.map(candidates), peak: candidates(stages.peak),
        aftermath: stages.aftermath.map(candidates))
    }
  }
}

/// An event while its stages are being found, in places among scored candidates.
private struct EventStages {
  var range: ClosedRange<Int>
  var peak: ClosedRange<Int>
  var top: Int
  var onset: ClosedRange<Int>?
  var aftermath: ClosedRange<Int>?

  /// Takes in the segment that follows.
  mutating func extend(by segment: ClosedRange<Int>, isHigher: Bool, _ top: Int) {
    range = range.lowerBound...segment.upperBound
    guard isHigher else { return }
    peak = segment
    self.top = top
  }

  /// Fills in what comes before and after the peaks.
  ///
  /// - Parameter times: of all scored candidates.
  static func addSurroundings(to events: inout [EventStages], times: [Double]) {
    var taken = -1
    for place in events.indices {
      let (range, peak) = (events[place].range, events[place].peak)
      if range.lowerBound < peak.lowerBound {
        events[place].onset = range.lowerBound...(peak.lowerBound - 1)
      } else if range.lowerBound - 1 > taken {
        events[place].onset = (range.lowerBound - 1)...(range.lowerBound - 1)
      }
      let next = place + 1 < events.count ? events[place + 1].range.lowerBound : times.count
      if peak.upperBound < range.upperBound {
        events[place].aftermath = (peak.upperBound + 1)...range.upperBound
        taken = range.upperBound
      } else if range.upperBound + 1 < next {
        let last = reach(of: range, before: next, times: times)
        events[place].aftermath = (range.upperBound + 1)...last
        taken = last
      } else {
        taken = range.upperBound
      }
    }
  }

  /// The last candidate of an aftermath that lies after its event. The candidate
  /// before the next event is left to that one's onset where there are several.
  private static func reach(of range: ClosedRange<Int>, before next: Int, times: [Double]) -> Int {
    let end = times[range.upperBound]
    let halfway = next < times.count ? (end + times[next]) / 2 : .infinity
    let limit = min(end + (end - times[range.lowerBound]), halfway)
    var last = range.upperBound + 1
    let free = next < times.count ? next - 2 : times.count - 1
    while last < free, times[last + 1] <= limit { last += 1 }
    return last
  }
}
