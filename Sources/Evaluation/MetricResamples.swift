import Records

/// One run's metric on every resample of the videos (`VideoBootstrap`), kept for comparisons.
public struct MetricResamples: Sendable {
  /// Nil where a resample does not define the metric.
  fileprivate let values: [Double?]
  fileprivate let draws: [[Int]]
}

extension VideoBootstrap {
  /// The metric on every resample.
  public func resamples(of metric: (ScoreGroups) -> Double?) -> MetricResamples {
    MetricResamples(values: values(of: metric), draws: draws)
  }
}

extension MetricResamples {
  /// The interval of the difference of a metric between two kinds of detector, `second` minus
  /// `first`, by resampling the videos alike for all runs and, of several runs, the seeds: the
  /// pairs of runs of one seed are drawn with replacement too. The mean over so few seeds varies
  /// less in resamples than it does in truth: by the factor √((n - 1)/n) of its deviation.
  ///
  /// - Parameter pairs: both kinds' runs of a seed, at least one pair.
  /// - Precondition: the same videos, resampled with one seed.
  public static func pairedDifference(
    _ pairs: [(first: MetricResamples, second: MetricResamples)], level: Double = 0.95,
    seed: UInt64 = 0
  ) -> ConfidenceInterval? {
    let all = pairs.flatMap { [$0.first, $0.second] }
    precondition(
      !pairs.isEmpty && all.allSatisfy { $0.draws == all[0].draws },
      "the runs resample different videos")
    var generator = SeededGenerator(seed: seed, purpose: "seed bootstrap")
    let differences = all[0].values.indices.map { draw -> Double? in
      let chosen = pairs.map { _ in pairs[Int.random(in: 0..<pairs.count, using: &generator)] }
      let own = chosen.compactMap { pair -> Double? in
        guard let first = pair.first.values[draw], let second = pair.second.values[draw] else {
          return nil
        }
        return second - first
      }
      return own.count == pairs.count ? own.reduce(0, +) / Double(own.count) : nil
    }
    return ConfidenceInterval.percentile(of: differences, level: level)
  }
}
