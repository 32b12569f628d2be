import Foundation

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
  /// The first and the last candidate of the build-up: the event's own candidates
  /// before its peak stage. If there are none, the candidate just before the event,
  /// unless another event contains it.
  public var onset: ClosedRange<Int>?
  /// The first and the last candidate of the segment that contains the peak.
  public var peak: ClosedRange<Int>
  /// The first and the last candidate of the aftermath: the event's own candidates after
  /// its peak stage. If there are none, the candidates that follow the event for as long
  /// as it lasted: at least one, and at most up to halfway to the next event.
  public var aftermath: ClosedRange<Int>?

  /// The rule in words, for records and help.
  public static let segmentationRule =
    "PELT (Killick, Fearnhead, Eckley 2012) cuts the relevance brought to [0,1] into segments of "
    + "constant level: squared error, penalty 3 sigma^2 ln N, sigma from the median difference, at "
    + "least 0.05. Neighbouring segments above the resting level (20th percentile) by more than "
    + "max(0.2, 3 sigma), at most 0.5, are one event; its peak stage is the segment with its most "
    + "relevant candidate, onset is what comes before, aftermath what comes after."

  /// The events of a curve by `segmentationRule`. Unscored candidates are ignored.
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

/// An event whose stages are not all known yet. Ranges count scored candidates only.
private struct EventStages {
  var range: ClosedRange<Int>
  var peak: ClosedRange<Int>
  var top: Int
  var onset: ClosedRange<Int>?
  var aftermath: ClosedRange<Int>?

  /// Adds the segment that follows.
  mutating func extend(by segment: ClosedRange<Int>, isHigher: Bool, _ top: Int) {
    range = range.lowerBound...segment.upperBound
    guard isHigher else { return }
    peak = segment
    self.top = top
  }

  /// Sets each event's onset and aftermath.
  ///
  /// - Parameter times: the times of all scored candidates.
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

  /// The last candidate of an aftermath that lies after its event. If several
  /// candidates lie before the next event, the last of them remains for its onset.
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

/// Cuts a curve into segments of constant level: optimal partitioning with squared
/// error and PELT's pruning.
///
/// Minimises the sum of squared errors plus a penalty per change point. The penalty
/// 3 σ² ln N follows Schwarz's criterion (one level and one position per change). σ is
/// estimated from the median of the absolute first differences, and is at least 0.05.
///
/// Source: Killick, Fearnhead and Eckley, "Optimal detection of changepoints with a
/// linear computational cost" (2012).
struct RelevanceSegmentation {
  /// A run of candidates and their mean.
  struct Segment: Equatable {
    var range: Range<Int>
    var level: Double
  }

  let segments: [Segment]
  /// The noise estimate σ, in the curve's unit.
  let noise: Double

  /// Longer curves are averaged over neighbours first. Otherwise a curve without changes,
  /// which allows no pruning, would take quadratic time.
  private static let longest = 4096

  init(values: [Double]) {
    let stride = max(1, (values.count + Self.longest - 1) / Self.longest)
    let means = Swift.stride(from: 0, to: values.count, by: stride).map { start in
      let part = values[start..<min(start + stride, values.count)]
      return part.reduce(0, +) / Double(part.count)
    }
    let noise = Self.noise(of: means)
    self.noise = noise
    segments = Self.partition(means, penalty: 3 * noise * noise * log(Double(max(2, means.count))))
      .map { range in
        let full = (range.lowerBound * stride)..<min(range.upperBound * stride, values.count)
        return Segment(range: full, level: values[full].reduce(0, +) / Double(full.count))
      }
  }

  private static func noise(of values: [Double]) -> Double {
    let steps = zip(values.dropFirst(), values).map { abs($0 - $1) }.sorted()
    guard !steps.isEmpty else { return 0.05 }
    // The median of |difference of two normal values| is 0.954 σ.
    return max(0.05, steps[steps.count / 2] / 0.954)
  }

  /// A place where the last segment may begin.
  private struct Opening {
    var start: Int
    /// The sum of the values before it.
    var sum: Double
    /// The least total up to it, less the squares of the values before it.
    var base: Double
    /// The least total up to the current end, less its penalty.
    var total: Double
  }

  private static func partition(_ values: [Double], penalty: Double) -> [Range<Int>] {
    guard !values.isEmpty else { return [] }
    let inverses = [0] + (1...values.count).map { 1 / Double($0) }
    var previous = [Int](repeating: 0, count: values.count + 1)
    // Where the last segment may begin, and the least total for each. Spans avoid the
    // check for a unique owner, which costs as much as the sums.
    var room = [Opening](
      repeating: Opening(start: 0, sum: 0, base: -penalty, total: 0), count: values.count + 1)
    var openCount = 1
    var (sum, squares) = (0.0, 0.0)
    do {
      let inverses = inverses.span
      var open = room.mutableSpan
      for end in 1...values.count {
        let value = values[end - 1]
        sum += value
        squares += value * value
        var least = Double.infinity
        var place = 0
        for index in 0..<openCount {
          let part = sum - open[index].sum
          let total =
            open[index].base + squares - part * part * inverses[end - open[index].start]
          open[index].total = total
          if total < least { (least, place) = (total, open[index].start) }
        }
        least += penalty
        previous[end] = place
        // An opening that is worse even without the penalty never becomes the best.
        var kept = 0
        for index in 0..<openCount where open[index].total <= least {
          open[kept] = open[index]
          kept += 1
        }
        open[kept] = Opening(start: end, sum: sum, base: least - squares, total: 0)
        openCount = kept + 1
      }
    }
    var ranges: [Range<Int>] = []
    var end = values.count
    while end > 0 {
      ranges.append(previous[end]..<end)
      end = previous[end]
    }
    return ranges.reversed()
  }
}
