import Detectors
import Foundation

/// What the scores of a detector mean, by training videos that it was not trained on: how
/// probable an anomaly is, and which score few normal videos reach.
///
/// Detectors are sure of themselves on videos that they do not know, so their logits are
/// brought to the scale of what the held-out videos show. Only video-level labels are known: it
/// is the greatest score of a video that becomes a probability. The map is monotone: no order
/// of scores changes.
public struct ScoreCalibration: Codable, Sendable, Equatable {
  /// A held-out video.
  public struct Video: Codable, Sendable, Equatable {
    /// The greatest logit of its snippets.
    public var logit: Float
    public var isAnomalous: Bool

    public init(logit: Float, isAnomalous: Bool) {
      self.logit = logit
      self.isAnomalous = isAnomalous
    }
  }

  /// The rate that a threshold is set for: alarms on 1 in 10 normal videos.
  public static let standardRate = 0.1
  /// The least slope, which keeps the order of scores where they tell nothing.
  public static let leastSlope = 0.001

  /// A score is the logistic function of `slope * logit + offset` (Platt, 1999: a temperature
  /// of `1 / slope`, and an offset).
  public var slope: Double
  public var offset: Double
  /// The share of normal videos with a false alarm that the threshold is set for.
  public var falseAlarmRate: Double
  /// The least calibrated score that counts as an alarm; nil where the videos give none.
  public var threshold: Float?
  /// How many held-out normal videos reach the threshold.
  public var falseAlarms: Int?
  /// Held-out videos behind it.
  public var normalVideos: Int
  public var abnormalVideos: Int
  /// How many models, each trained without one part of the training videos, gave the logits;
  /// nil where one model scored videos that were held out of its training.
  public var folds: Int?
  /// How much of what was learned counts beside the features' own score (`LearnedShare`); nil
  /// where the features have none.
  public var learnedShare: Double?

  /// The fewest normal videos that give a threshold for a rate: with fewer, even one above
  /// all of them is not known to keep it.
  public static func fewestNormalVideos(rate: Double = standardRate) -> Int {
    Int((1 / rate).rounded(.up)) - 1
  }

  /// Fits a calibration; equal videos in any order give equal numbers. Without videos of both
  /// kinds scores stay the logistic function of their logits.
  ///
  /// - Parameter folds: how many models gave the logits, for the record.
  /// - Precondition: finite logits, a rate within 0 and 1.
  public init(_ videos: [Video], rate: Double = standardRate, folds: Int? = nil) {
    precondition(rate > 0 && rate < 1 && videos.allSatisfy(\.logit.isFinite))
    (slope, offset) = Self.logistic(videos) ?? (1, 0)
    falseAlarmRate = rate
    normalVideos = videos.count { !$0.isAnomalous }
    abnormalVideos = videos.count - normalVideos
    self.folds = folds
    let normal = videos.filter { !$0.isAnomalous }.map { score(of: $0.logit) }.sorted(by: >)
    threshold = Self.threshold(descending: normal, rate: rate)
    falseAlarms = threshold.map { threshold in normal.count { $0 >= threshold } }
  }

  /// The calibrated score. The greatest of a video is the probability that the video is
  /// abnormal, were abnormal videos as frequent as among those held out.
  public func score(of logit: Float) -> Float {
    Float(1 / (1 + exp(-(slope * Double(logit) + offset))))
  }

  /// The calibrated scores of a video's snippets, with the share of what was learned.
  public func scores(of scores: DetectorModel.Scores) -> [Float] {
    scores.logits(learnedShare: Float(learnedShare ?? 1)).map(score(of:))
  }

  /// The least number above the j-th greatest score, where j is the rate times one more than
  /// there are videos: a further video of the same kind exceeds that score with a probability
  /// of at most the rate (split conformal prediction). Equal scores stay below together.
  private static func threshold(descending normal: [Float], rate: Double) -> Float? {
    // 0.1 * 10 must be 1, not a little less.
    let allowed = Int((rate * Double(normal.count + 1) + 1e-9).rounded(.down))
    guard allowed >= 1, normal[allowed - 1] < 1 else { return nil }
    return normal[allowed - 1].nextUp
  }

  /// Slope and offset by Newton's method on the smoothed targets of Platt (1999); the least
  /// slope where higher scores do not mean more abnormal videos.
  private static func logistic(_ videos: [Video]) -> (Double, Double)? {
    let abnormal = videos.count { $0.isAnomalous }
    let normal = videos.count - abnormal
    guard normal > 0, abnormal > 0 else { return nil }
    let high = Double(abnormal + 1) / Double(abnormal + 2)
    let low = 1 / Double(normal + 2)
    // Sorted, so that sums do not depend on the order of the videos.
    let points = videos.map { (x: Double($0.logit), y: $0.isAnomalous ? high : low) }
      .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    func loss(_ a: Double, _ b: Double) -> Double {
      points.reduce(0) { sum, point in
        let z = a * point.x + b
        return sum + max(z, 0) - z * point.y + log1p(exp(-abs(z)))
      }
    }
    let mean = points.reduce(0) { $0 + $1.y } / Double(points.count)
    let centre = points.reduce(0) { $0 + $1.x } / Double(points.count)
    let prior = log(mean / (1 - mean))
    var (a, b) = (0.0, prior)
    var value = loss(a, b)
    for _ in 0..<100 {
      var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9)
      for point in points {
        let p = 1 / (1 + exp(-(a * point.x + b)))
        let w = p * (1 - p)
        ga += (p - point.y) * point.x
        gb += p - point.y
        haa += w * point.x * point.x
        hab += w * point.x
        hbb += w
      }
      let determinant = haa * hbb - hab * hab
      guard determinant > 0 else { break }
      let (da, db) = (
        (hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant
      )
      var step = 1.0
      while step > 1e-6, loss(a - step * da, b - step * db) > value { step /= 2 }
      let next = loss(a - step * da, b - step * db)
      guard next < value else { break }
      (a, b) = (a - step * da, b - step * db)
      if value - next < 1e-12 * Double(points.count) { break }
      value = next
    }
    return a >= leastSlope ? (a, b) : (leastSlope, prior - leastSlope * centre)
  }
}
