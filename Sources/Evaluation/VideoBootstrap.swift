import Records

/// Resamples whole videos with replacement: frames of one video are far from
/// independent, so they stay together.
public struct VideoBootstrap: Sendable {
  /// How often each video is drawn, by resample.
  let draws: [[Int]]
  /// The snippets of all videos in descending order of score.
  private let scores: [Float]
  private let positives: [Int]
  private let negatives: [Int]
  private let owners: [Int]

  /// Prepares resamples of validated videos; the same seed draws the same videos.
  ///
  /// - Throws: `EvaluationError`, naming the video.
  public init(
    _ videos: [ScoredVideo], tail: FrameGroundTruth.Tail = .repeat, resamples: Int = 1000,
    seed: UInt64 = 0
  ) throws {
    self.init(
      try FrameEvaluation.count(videos, tail: tail), resamples: resamples, seed: seed)
  }

  package init(_ videos: [FrameEvaluation.Counted], resamples: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed, purpose: "video bootstrap")
    draws = (0..<resamples).map { _ in
      var counts = [Int](repeating: 0, count: videos.count)
      for _ in videos { counts[Int.random(in: 0..<videos.count, using: &generator)] += 1 }
      return counts
    }
    let allScores = videos.flatMap(\.video.scores)
    let allPositives = videos.flatMap(\.truth.positives)
    let allNegatives = videos.flatMap(\.truth.negatives)
    let allOwners = videos.enumerated().flatMap { index, item in
      [Int](repeating: index, count: item.video.scores.count)
    }
    let order = allScores.indices.sorted { allScores[$0] > allScores[$1] }
    scores = order.map { allScores[$0] }
    positives = order.map { allPositives[$0] }
    negatives = order.map { allNegatives[$0] }
    owners = order.map { allOwners[$0] }
  }

  /// The metric on every resample; nil where it is not defined there.
  public func values(of metric: (ScoreGroups) -> Double?) -> [Double?] {
    draws.map { counts in
      metric(
        ScoreGroups(
          descending: scores, positives: positives, negatives: negatives, owners: owners,
          weights: counts))
    }
  }

  /// The central interval of the metric over the resamples; nil where fewer than
  /// half of them define it.
  public func interval(of metric: (ScoreGroups) -> Double?, level: Double = 0.95)
    -> ConfidenceInterval?
  {
    ConfidenceInterval.percentile(of: values(of: metric), level: level)
  }

  /// The interval of the difference of a metric between two kinds of detector on the same
  /// videos, `second` minus `first`: of each, the mean over its runs (seeds), all resampled
  /// alike. A resample counts where every run defines the metric.
  ///
  /// - Precondition: the same videos, the same seed and number of resamples; a run of each.
  public static func pairedDifference(
    _ first: [VideoBootstrap], _ second: [VideoBootstrap], of metric: (ScoreGroups) -> Double?,
    level: Double = 0.95
  ) -> ConfidenceInterval? {
    precondition(
      !first.isEmpty && !second.isEmpty
        && (first + second).allSatisfy { $0.draws == first[0].draws },
      "the runs resample different videos")
    func means(_ runs: [VideoBootstrap]) -> [Double?] {
      let values = runs.map { $0.values(of: metric) }
      return values[0].indices.map { draw in
        let defined = values.compactMap { $0[draw] }
        return defined.count == runs.count
          ? defined.reduce(0, +) / Double(defined.count) : nil
      }
    }
    return ConfidenceInterval.percentile(
      of: zip(means(first), means(second)).map { a, b in a.flatMap { a in b.map { $0 - a } } },
      level: level)
  }
}
