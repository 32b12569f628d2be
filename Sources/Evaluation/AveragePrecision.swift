/// Average precision: sum of (R_g - R_{g-1}) Prec_g, one step for each distinct
/// score, highest first: scikit-learn's `average_precision_score`.
public enum AveragePrecision {
  /// From grouped scores; nil where there is no positive frame.
  public static func compute(_ groups: ScoreGroups) -> Double? {
    let positives = groups.positiveCount
    guard positives > 0 else { return nil }
    var found = 0
    var taken = 0
    var sum = 0.0
    for group in groups.scores.indices {
      found += groups.positives[group]
      taken += groups.positives[group] + groups.negatives[group]
      sum += Double(groups.positives[group]) / Double(positives) * (Double(found) / Double(taken))
    }
    return sum
  }

  /// From one score a frame; nil where there is no positive frame.
  ///
  /// - Precondition: equal lengths, finite scores.
  public static func compute(scores: [Float], labels: [Bool]) -> Double? {
    compute(ScoreGroups(scores: scores, labels: labels))
  }
}

/// The trapezoid below the precision-recall points and (0, 1), which XDVioDet,
/// RTFM, UR-DMU and LAVAD report as AP: scikit-learn's `auc(recall, precision)`.
/// Optimistic where many frames share a score.
public enum PrecisionRecallTrapezoid {
  /// From grouped scores; nil where there is no positive frame.
  public static func compute(_ groups: ScoreGroups) -> Double? {
    let positives = groups.positiveCount
    guard positives > 0 else { return nil }
    var found = 0
    var taken = 0
    var lastPrecision = 1.0
    var sum = 0.0
    for group in groups.scores.indices {
      found += groups.positives[group]
      taken += groups.positives[group] + groups.negatives[group]
      let precision = Double(found) / Double(taken)
      sum +=
        Double(groups.positives[group]) / Double(positives) * (precision + lastPrecision) / 2
      lastPrecision = precision
    }
    return sum
  }
}
