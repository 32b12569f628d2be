/// `aks`: Adaptive Keyframe Sampling with the defects of its program repaired.
///
/// As published, a segment is final if its k most relevant candidates stand out from its
/// mean; otherwise it is halved, down to a limit of depth. Differs from the program: the
/// budget is halved with the segment (the left half gets the greater part), a segment is
/// not halved if a half would contain fewer candidates than its budget, and a flat curve
/// is sampled uniformly. It therefore always gives k frames.
struct AdaptiveSplitRule: SelectionRule {
  /// The mean of a final segment's best candidates exceeds its mean by more than this.
  static let prominence = 0.8
  /// The least standard deviation of a final segment. The published value sets no limit.
  static let leastDeviation = -100.0
  static let greatestDepth = 5

  var formula: String {
    "halve the time axis, and k with it, until the mean of a segment's k best r exceeds its mean "
      + "by t1, or to depth D; the k best of each segment; a flat curve: uniform"
  }
  var source: String { "Tang et al., Adaptive Keyframe Sampling, CVPR 2025, repaired" }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    ["t1": Self.prominence, "t2": Self.leastDeviation, "depth": Double(Self.greatestDepth)]
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    guard !problem.isFlat else { return UniformRule().choose(count, from: problem) }
    return choose(count, of: 0..<problem.count, by: problem.relevance, depth: 0)
  }

  private func choose(
    _ count: Int, of range: Range<Int>, by relevance: [Double], depth: Int
  ) -> [Int] {
    guard count > 0 else { return [] }
    let best = TopRelevanceRule.most(count, of: range, by: relevance)
    let values = SegmentStatistics(relevance[range])
    let gap = best.reduce(0) { $0 + relevance[$1] } / Double(best.count) - values.mean
    let middle = range.lowerBound + range.count / 2
    let left = (count + 1) / 2
    let isFinal = gap > Self.prominence && values.deviation > Self.leastDeviation
    guard !isFinal, depth < Self.greatestDepth, count > 1, middle - range.lowerBound >= left,
      range.upperBound - middle >= count - left
    else { return best.sorted() }
    return choose(left, of: range.lowerBound..<middle, by: relevance, depth: depth + 1)
      + choose(count - left, of: middle..<range.upperBound, by: relevance, depth: depth + 1)
  }
}

/// The mean and population standard deviation of a segment; NaN for an empty one.
struct SegmentStatistics {
  let mean: Double
  let deviation: Double

  init(_ values: ArraySlice<Double>) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
  }
}
