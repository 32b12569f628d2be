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

  private static func partition(_ values: [Double], penalty: Double) -> [Range<Int>] {
    guard !values.isEmpty else { return [] }
    var sums = [0.0]
    var squares = [0.0]
    for value in values {
      sums.append(sums[sums.count - 1] + value)
      squares.append(squares[squares.count - 1] + value * value)
    }
    func error(_ start: Int, _ end: Int) -> Double {
      let sum = sums[end] - sums[start]
      return squares[end] - squares[start] - sum * sum / Double(end - start)
    }
    var best = [-penalty]
    var previous = [0]
    // Where the last segment may begin, and the least total with each.
    var open = [0]
    var totals: [Double] = []
    for end in 1...values.count {
      var least = Double.infinity
      var place = 0
      totals.removeAll(keepingCapacity: true)
      for start in open {
        let total = best[start] + error(start, end)
        totals.append(total)
        if total < least { (least, place) = (total, start) }
      }
      least += penalty
      best.append(least)
      previous.append(place)
      // What is worse even without the penalty never becomes the best again.
      var kept = 0
      for (start, total) in zip(open, totals) where total <= least {
        open[kept] = start
        kept += 1
      }
      open.removeSubrange(kept...)
      open.append(end)
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
