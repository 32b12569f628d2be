/// `topk`: the k most relevant candidates.
struct TopRelevanceRule: SelectionRule {
  var formula: String { "sum(r), ties to the earlier frame" }
  var source: String { "common practice" }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    Self.most(count, of: 0..<problem.count, by: problem.relevance).sorted()
  }

  /// The `count` greatest of a range, the earlier of equals, in descending order.
  static func most(_ count: Int, of range: Range<Int>, by values: [Double]) -> ArraySlice<Int> {
    range.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }.prefix(count)
  }
}
