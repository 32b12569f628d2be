import Encoders
import Foundation
import Video

/// The built-in scorer, which needs no weights: how much a moment stands out in
/// its own video by motion and by change of appearance.
///
/// Four figures of `MotionSample` (mean speed, speed of the fastest part, abrupt
/// changes of motion, change of appearance against the running background) are
/// each set against their own median over the video, compressed as
/// ln(1 + figure / (median + floor)), and added. All four are free of camera
/// motion, sensor noise and changes of light as far as `MotionAnalyzer` can tell;
/// a cut counts as nothing new. A candidate's relevance is the mean over the half
/// second around it (or over its share of time, where candidates are sparser).
public struct NoveltyScorer: RelevanceScorer {
  public init() {}

  public var identity: ScorerIdentity {
    ScorerIdentity(kind: "builtin", model: "novelty-v1")
  }

  public var queries: [String] { [] }
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }
  /// Enough to see a blow, few enough for long videos.
  public var observationsPerSecond: Double { 12 }

  public func begin(_ info: VideoInfo) throws -> any RelevanceScoring {
    NoveltyScoring()
  }
}

/// The scoring of one video.
private final class NoveltyScoring: RelevanceScoring {
  private var analyzer = MotionAnalyzer()
  private var samples: [MotionSample] = []
  private var candidates: [Double] = []

  func observe(_ frame: VideoFrame, isCandidate: Bool) {
    samples.append(analyzer.observe(frame.image, at: frame.timestampSeconds))
    if isCandidate { candidates.append(frame.timestampSeconds) }
  }

  func finish() -> [CandidateRelevance] {
    let novelty = Self.novelty(of: samples)
    let steps = zip(candidates.dropFirst(), candidates).map { $0 - $1 }.sorted()
    let reach = max(0.25, (steps.isEmpty ? 0 : steps[steps.count / 2]) / 2) + 1e-6
    var low = 0
    return candidates.map { seconds in
      while low < samples.count, samples[low].timestampSeconds < seconds - reach { low += 1 }
      var sum = 0.0
      var count = 0.0
      var place = low
      while place < samples.count, samples[place].timestampSeconds <= seconds + reach {
        sum += novelty[place]
        count += 1
        place += 1
      }
      return CandidateRelevance(value: count > 0 ? sum / count : nil)
    }
  }

  static func novelty(of samples: [MotionSample]) -> [Double] {
    /// The floors are what a quiet street still has.
    let figures: [(KeyPath<MotionSample, Float>, floor: Double)] = [
      (\.speed, 0.004), (\.topSpeed, 0.05), (\.jerk, 0.004), (\.appearanceChange, 0.4),
    ]
    var totals = [Double](repeating: 0, count: samples.count)
    for (path, floor) in figures {
      let values = samples.map { Double($0[keyPath: path]) }
      let median = values.isEmpty ? 0 : values.sorted()[values.count / 2]
      for place in values.indices { totals[place] += log(1 + values[place] / (median + floor)) }
    }
    return totals
  }
}
