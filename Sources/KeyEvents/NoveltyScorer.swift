import Encoders
import Video

/// The built-in scorer, which needs no weights: `MotionNovelty` of the frames
/// around a candidate, the mean over half a second (or over the candidate's share
/// of time, where candidates are sparser).
public struct NoveltyScorer: RelevanceScorer {
  public init() {}

  public var identity: ScorerIdentity {
    ScorerIdentity(kind: "builtin", model: "novelty-v1")
  }

  public var queries: [String] { [] }
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }
  public var observationsPerSecond: Double { MotionNovelty.framesPerSecond }

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
    let novelty = MotionNovelty.curve(of: samples)
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
}
