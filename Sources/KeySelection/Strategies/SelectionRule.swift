/// The rule of one strategy.
protocol SelectionRule: Sendable {
  /// The rule or its objective, in words.
  var formula: String { get }
  /// The paper or program that states it.
  var source: String { get }
  var needsEmbeddings: Bool { get }
  /// Whether unscored candidates are removed from the problem.
  var needsRelevance: Bool { get }
  /// The values of `dials` that it reads, by name, for the record. Unset values follow
  /// from the video's duration and the number of frames.
  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  /// Chooses `count` of the problem's candidates.
  ///
  /// - Parameter count: 1 to the number of candidates.
  /// - Returns: distinct places among the candidates in ascending order; exactly `count`
  ///   of them, except for `PublishedSplitRule`.
  func choose(_ count: Int, from problem: SelectionProblem) -> [Int]
}

extension SelectionRule {
  var needsEmbeddings: Bool { false }
  var needsRelevance: Bool { true }
  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  { [:] }
}

/// The input of a rule.
struct SelectionProblem {
  /// The candidates' times, ascending.
  let timestamps: [Double]
  /// Their relevance scaled to [0, 1]; all 0 for a flat curve.
  let relevance: [Double]
  let durationSeconds: Double
  /// Their embeddings; empty if there are none.
  let embeddings: [[Float]?]
  /// Their looks, ascending.
  let looks: [Int]
  /// Ranges of places, ascending and disjoint. The rule that knows roles must choose a
  /// frame from each.
  let windows: [ClosedRange<Int>]
  let parameters: SelectionParameters

  var count: Int { timestamps.count }
  /// Whether all candidates have the same relevance.
  var isFlat: Bool { !relevance.contains { $0 > 0 } }
}
