import Foundation

/// Cuts a curve into stretches of constant level: optimal partitioning with the
/// squared-error cost and PELT's pruning.
///
/// Minimises the sum of squared errors plus `penalty` a change point, with the
/// penalty 3 σ² ln N that follows Schwarz's criterion (one level and one place a
/// change) and σ from the median of the absolute first differences, at least
/// 0.05. Source: Killick, Fearnhead and Eckley, "Optimal detection of
/// changepoints with a linear computational cost" (2012).
struct RelevanceSegmentation {
  /// A stretch of candidates and their mean.
  struct Segment: Equatable {
    var range: Range<Int>
    var level: Double
  }

  let segments: [Segment]
  /// The noise estimate σ, in the curve's unit.
  let noise: Double

  /// Above this count neighbours are averaged first, so that a curve without
  /// changes, where nothing is pruned, stays quick.
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
    /// The least total up to the end in hand, less its penalty.
    var total: Double
  }

  private static func partition(_ values: [Double], penalty: Double) -> [Range<Int>] {
    guard !values.isEmpty else { return [] }
    let inverses = [0] + (1...values.count).map { 1 / Double($0) }
    var previous = [Int](repeating: 0, count: values.count + 1)
    // Where the last segment may begin, and the least total with each. Within spans:
    // in arrays, asking for the only owner would cost as much as the sums.
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
        // What is worse even without the penalty never becomes the best again.
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
