/// The area under the receiver operating characteristic: the chance that a
/// positive frame scores higher than a negative one, ties counting half.
///
/// AUC = sum over groups g of n_g (P_above(g) + p_g / 2) / (P N), summed in
/// integers: the value of scikit-learn's `roc_auc_score`, exact and independent
/// of order.
public enum AreaUnderROC {
  /// The area from grouped scores; nil where one of the classes is absent.
  public static func compute(_ groups: ScoreGroups) -> Double? {
    let positives = groups.positiveCount
    let negatives = groups.negativeCount
    guard positives > 0, negatives > 0 else { return nil }
    var doubledArea = 0
    var above = 0
    for group in groups.scores.indices {
      doubledArea += groups.negatives[group] * (2 * above + groups.positives[group])
      above += groups.positives[group]
    }
    return Double(doubledArea) / (2 * Double(positives) * Double(negatives))
  }

  /// The area from one score a frame; nil where one of the classes is absent.
  ///
  /// - Precondition: equal lengths, finite scores.
  public static func compute(scores: [Float], labels: [Bool]) -> Double? {
    compute(ScoreGroups(scores: scores, labels: labels))
  }
}
