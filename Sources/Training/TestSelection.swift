import Detectors
import Foundation

/// Choosing a run's weights by the test set, as VadCLIP's code and those after it do: the figure
/// is then no estimate for other videos. For comparison with published ones alone; a run that
/// chose so says it in its record, its checkpoint and its pages.
public struct TestSelection: Sendable {
  /// What chooses, in words: `AUC1 of the test set`.
  public var measure: String
  /// Steps of an epoch between two measurements; nil for one at the end of each epoch.
  public var everySteps: Int?
  /// Names all that is measured on, for the run's fingerprint.
  public var digest: String
  /// The figure of a model's present weights: higher is better.
  public var score: @Sendable (DetectorModel) throws -> Double

  public init(
    measure: String, everySteps: Int?, digest: String,
    score: @escaping @Sendable (DetectorModel) throws -> Double
  ) {
    precondition(everySteps ?? 1 > 0, "measurements need a distance")
    self.measure = measure
    self.everySteps = everySteps
    self.digest = digest
    self.score = score
  }
}

/// How a run's weights were chosen on the test set.
public struct TestSelectionRecord: Codable, Sendable, Equatable {
  /// One measurement.
  public struct Score: Codable, Sendable, Equatable {
    /// Steps done, over the whole training.
    public var step: Int
    public var score: Double
  }

  public var measure: String
  public var everySteps: Int?
  public var scores: [Score]

  /// The measurement whose weights are kept: the first of the best; nil before any.
  public var chosen: Score? {
    scores.reduce(nil) { best, next in
      best.map { next.score > $0.score } ?? true ? next : best
    }
  }

  /// `weights chosen on the test set: the best of 120 measurements of AUC1 ..., at step 340`.
  public var sentence: String {
    "weights chosen on the test set: the best of \(scores.count) measurements of \(measure), "
      + (everySteps.map { "every \($0) steps of an epoch" } ?? "one at the end of each epoch")
      + (chosen.map { ", at step \($0.step)" } ?? "")
  }
}

/// The measurements of a run under way.
struct TestChoice {
  let selection: TestSelection
  var record: TestSelectionRecord

  init(_ selection: TestSelection) {
    self.selection = selection
    record = TestSelectionRecord(
      measure: selection.measure, everySteps: selection.everySteps, scores: [])
  }

  /// Whether it is time to measure.
  ///
  /// - Parameters:
  ///   - stepInEpoch: steps done in the epoch.
  ///   - isEpochEnd: whether it is asked at the epoch's end, after its last step was asked for.
  ///   - isLast: whether that is the training's end. Epochs that are shorter than the distance
  ///     would else leave nothing to choose from.
  func isDue(stepInEpoch: Int, isEpochEnd: Bool, isLast: Bool) -> Bool {
    guard let every = selection.everySteps else { return isEpochEnd }
    return isEpochEnd ? isLast && record.scores.isEmpty : stepInEpoch % every == 0
  }

  /// Measures, and says whether the weights are the best so far.
  mutating func measure(_ model: DetectorModel, step: Int) throws -> Bool {
    let before = record.chosen?.score ?? -.infinity
    let score = try selection.score(model)
    record.scores.append(.init(step: step, score: score))
    return score > before
  }
}
