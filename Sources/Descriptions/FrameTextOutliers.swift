import Workspaces

/// Finds the descriptions that fit their own frames far worse than the rest.
///
/// Cosines of CLIP say little by themselves, so each is judged by the others that the
/// same model compared: far below is more than `reach` robust standard deviations (1.4826
/// times the median absolute deviation) under their median.
enum FrameTextOutliers {
  static let reach = 4.0
  /// Fewer than so many say nothing of the rest.
  static let leastCount = 20
  /// The deviation is taken to be at least this: the same frames in other words differ
  /// by as much.
  static let leastDeviation = 0.01

  /// Below which similarity one is far below the rest; nil for too few.
  static func bound(of similarities: [Double]) -> Double? {
    guard similarities.count >= leastCount else { return nil }
    let middle = median(similarities)
    let deviation = 1.4826 * median(similarities.map { abs($0 - middle) })
    return middle - reach * max(deviation, leastDeviation)
  }

  /// Gives all present descriptions of a ledger the finding, or takes it from them.
  static func mark(in ledger: Ledger) throws {
    let compared = try ledger.frameSimilarities()
    var changed: [LedgerFrameSimilarity] = []
    for group in Dictionary(grouping: compared, by: \.encoder).values {
      guard let bound = bound(of: group.map(\.similarity)) else { continue }
      changed += group.filter { ($0.similarity < bound) != $0.isUnlikeFrames }
    }
    for isSet in [true, false] {
      try ledger.setFinding(
        .unlikeFrames, isSet, of: changed.filter { $0.isUnlikeFrames != isSet }.map(\.place))
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
