/// The rule of one strategy.
protocol SelectionRule: Sendable {
  /// What it does or maximises, in words.
  var formula: String { get }
  /// The paper or program that states it.
  var source: String { get }
  var needsEmbeddings: Bool { get }
  /// Whether candidates without relevance are to be left out of what it chooses from.
  var needsRelevance: Bool { get }
  /// Which of `dials` it reads, by name, for the record; what is not set follows
  /// from the video's duration and the number of frames.
  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  /// Chooses `count` of the problem's candidates.
  ///
  /// - Returns: distinct places among them in ascending order; exactly `count`,
  ///   which is 1 to their number, save for `PublishedSplitRule`.
  func choose(_ count: Int, from problem: SelectionProblem) -> [Int]
}

extension SelectionRule {
  var needsEmbeddings: Bool { false }
  var needsRelevance: Bool { true }
  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  { [:] }
}

/// What a rule chooses from.
struct SelectionProblem {
  /// The candidates' times, ascending.
  let timestamps: [Double]
  /// Their relevance brought to [0, 1]; all 0 where the curve is flat.
  let relevance: [Double]
  let durationSeconds: Double
  /// What they look like; empty where nothing is known.
  let embeddings: [[Float]?]
  /// Ranges of places, ascending and disjoint, each of which is to hold a frame:
  /// for the rule that knows roles.
  let windows: [ClosedRange<Int>]
  let parameters: SelectionParameters

  var count: Int { timestamps.count }
  /// Whether relevance tells no candidate from another.
  var isFlat: Bool { !relevance.contains { $0 > 0 } }
}
