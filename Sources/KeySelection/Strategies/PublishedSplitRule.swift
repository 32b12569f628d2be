/// `aks-compat`: the selection of the published program of Adaptive Keyframe Sampling,
/// including its defects, so that its published figures can be reproduced.
///
/// Every segment is judged by its k best candidates at any depth. Each final segment
/// gives floor(k / 2^depth) frames, so k below 32 usually gives none. The program divides
/// by zero on a flat curve: all values become NaN, every comparison is false, and the
/// earliest candidates of each segment are taken. Fewer than k candidates are all taken.
struct PublishedSplitRule: SelectionRule {
  var formula: String {
    "halve the time axis until the mean of a segment's k best r exceeds its mean by t1, or to "
      + "depth D; the floor(k/2^depth) best of each segment: fewer than k frames may come of it"
  }
  var source: String { "Tang et al., Adaptive Keyframe Sampling, CVPR 2025, program as published" }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    AdaptiveSplitRule().parameters(dials, durationSeconds: durationSeconds, count: count)
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    guard problem.count >= count else { return Array(0..<problem.count) }
    let values =
      problem.isFlat ? [Double](repeating: .nan, count: problem.count) : problem.relevance
    var open = [0..<problem.count]
    var chosen: [Int] = []
    for depth in 0...AdaptiveSplitRule.greatestDepth {
      var halves: [Range<Int>] = []
      for range in open {
        let best = Self.most(count, of: range, by: values)
        let statistics = SegmentStatistics(values[range])
        let gap = best.reduce(0) { $0 + values[$1] } / Double(best.count) - statistics.mean
        let isFinal =
          gap > AdaptiveSplitRule.prominence
          && statistics.deviation > AdaptiveSplitRule.leastDeviation
        if isFinal || depth == AdaptiveSplitRule.greatestDepth {
          chosen += best.prefix(count >> depth)
        } else {
          let middle = range.lowerBound + range.count / 2
          halves += [range.lowerBound..<middle, middle..<range.upperBound]
        }
      }
      open = halves
    }
    return chosen.sorted()
  }

  /// The greatest values of a range; the first ones if they are NaN.
  private static func most(_ count: Int, of range: Range<Int>, by values: [Double]) -> [Int] {
    guard values.first?.isNaN != true else { return Array(range.prefix(count)) }
    return Array(TopRelevanceRule.most(count, of: range, by: values))
  }
}
