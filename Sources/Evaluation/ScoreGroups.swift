/// Scores gathered into groups of equal value, highest first, with how many
/// positive and negative frames each group holds: what every ranking metric
/// reads. Exact and independent of the order of the input.
public struct ScoreGroups: Sendable, Equatable {
  /// The distinct scores, descending.
  public private(set) var scores: [Float] = []
  /// Positive frames by group.
  public private(set) var positives: [Int] = []
  /// Negative frames by group.
  public private(set) var negatives: [Int] = []

  /// Groups weighted items: item i stands for `positives[i]` positive and
  /// `negatives[i]` negative frames.
  ///
  /// - Precondition: equal lengths, finite scores, no negative counts.
  public init(scores: [Float], positives: [Int], negatives: [Int]) {
    precondition(
      scores.count == positives.count && scores.count == negatives.count,
      "\(scores.count) scores, \(positives.count) and \(negatives.count) counts")
    precondition(scores.allSatisfy(\.isFinite), "a score is not finite")
    for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      append(scores[index], positives: positives[index], negatives: negatives[index])
    }
  }

  /// Groups items that come in descending order of score already, each counted
  /// `weights[owners[i]]` times: a resample of videos without sorting again.
  package init(
    descending scores: [Float], positives: [Int], negatives: [Int], owners: [Int], weights: [Int]
  ) {
    for index in scores.indices {
      let weight = weights[owners[index]]
      append(
        scores[index], positives: positives[index] * weight, negatives: negatives[index] * weight)
    }
  }

  /// Adds frames at the end; what stands for no frame makes no group.
  private mutating func append(_ score: Float, positives: Int, negatives: Int) {
    guard positives > 0 || negatives > 0 else { return }
    if let last = scores.last, last == score {
      self.positives[self.positives.count - 1] += positives
      self.negatives[self.negatives.count - 1] += negatives
    } else {
      scores.append(score)
      self.positives.append(positives)
      self.negatives.append(negatives)
    }
  }

  /// Groups one score a frame.
  ///
  /// - Precondition: equal lengths, finite scores.
  public init(scores: [Float], labels: [Bool]) {
    self.init(
      scores: scores, positives: labels.map { $0 ? 1 : 0 }, negatives: labels.map { $0 ? 0 : 1 })
  }

  /// All positive frames.
  public var positiveCount: Int { positives.reduce(0, +) }
  /// All negative frames.
  public var negativeCount: Int { negatives.reduce(0, +) }
  /// How many different scores there are.
  public var distinctScoreCount: Int { scores.count }
}
