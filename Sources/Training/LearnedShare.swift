import Detectors
import Evaluation
import Foundation

/// A held-out training video as a model without it scores it.
public struct HeldOutVideo: Codable, Sendable, Equatable {
  /// With one share of what was learned.
  public struct Reading: Codable, Sendable, Equatable {
    /// The greatest logit of the snippets.
    public var logit: Float
    /// The score by which training judges a video (`ValidationResult.pooled`).
    public var pooled: Float
  }

  public var isAnomalous: Bool
  /// One for each of `LearnedShare.candidates`; a single one where the features have no score
  /// of their own.
  public var readings: [Reading]

  public init(_ scores: DetectorModel.Scores, isAnomalous: Bool, topKDivisor: Int) {
    self.isAnomalous = isAnomalous
    readings = (scores.prior == nil ? [1] : LearnedShare.candidates).map { share in
      let logits = scores.logits(learnedShare: Float(share))
      return Reading(
        logit: logits.max() ?? 0,
        pooled: ValidationResult.pooled(
          logits.map { 1 / (1 + exp(-$0)) }, topKDivisor: topKDivisor))
    }
  }
}

/// How much of what a detector learned counts beside the features' own score.
///
/// Videos of other scenes show whether learning helped: a few dozen videos of a handful of
/// cameras teach a detector these cameras, hundreds teach it what is abnormal.
public enum LearnedShare {
  /// The shares that are compared.
  public static let candidates = [0, 0.125, 0.25, 0.5, 1]

  /// The share that ranks held-out videos best, as a place in `candidates`: by the mean over
  /// parts of the area under the ROC curve of the pooled scores. A smaller share stands for it
  /// where the parts do not tell them apart: where the difference of the means is at most its
  /// standard error over parts (the rule of Breiman et al., CART, 1984).
  ///
  /// - Parameter parts: the videos of each held-out part, all with as many readings.
  /// - Returns: nil where no part has videos of both kinds.
  public static func best(of parts: [[HeldOutVideo]]) -> Int? {
    let count = parts.joined().map(\.readings.count).min() ?? 0
    // By part, then by share.
    let areas = parts.map { videos in
      (0..<count).compactMap { place in
        AreaUnderROC.compute(
          scores: videos.map { $0.readings[place].pooled }, labels: videos.map(\.isAnomalous))
      }
    }.filter { $0.count == count && count > 0 }
    guard !areas.isEmpty else { return nil }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let means = (0..<count).map { place in mean(areas.map { $0[place] }) }
    guard let best = means.indices.max(by: { (means[$0], -$0) < (means[$1], -$1) }) else {
      return nil
    }
    return means.indices.first { place in
      let losses = areas.map { $0[best] - $0[place] }
      let loss = mean(losses)
      let squares = losses.reduce(0) { $0 + ($1 - loss) * ($1 - loss) }
      let parts = Double(losses.count)
      return loss <= (parts > 1 ? (squares / (parts - 1) / parts).squareRoot() : 0)
    }
  }
}

extension ScoreCalibration {
  /// The calibration of held-out videos with the best share of what was learned.
  ///
  /// - Parameters:
  ///   - parts: the videos of each held-out part.
  ///   - folds: how many models gave the scores; nil for one that was trained without them.
  public init(_ parts: [[HeldOutVideo]], folds: Int?) {
    let videos = Array(parts.joined())
    let hasPrior = videos.contains { $0.readings.count > 1 }
    let place = LearnedShare.best(of: parts) ?? (hasPrior ? LearnedShare.candidates.count - 1 : 0)
    self.init(
      videos.map { Video(logit: $0.readings[place].logit, isAnomalous: $0.isAnomalous) },
      folds: folds)
    learnedShare = hasPrior ? LearnedShare.candidates[place] : nil
  }
}
