/// `uniform`: the centres of k equal bins of the candidates, scored or not.
struct UniformRule: SelectionRule {
  var formula: String { "candidate floor((j+0.5)*N/k) for j = 0..k-1, the centres of k equal bins" }
  var source: String { "common practice" }
  var needsRelevance: Bool { false }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    // floor((2 j + 1) N / 2 k), without rounding.
    (0..<count).map { (2 * $0 + 1) * problem.count / (2 * count) }
  }
}
