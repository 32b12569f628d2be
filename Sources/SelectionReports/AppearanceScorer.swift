import Encoders
import KeyEvents
import Video

/// A scorer that also says what candidates look like where the scorer that it wraps
/// does not: `FrameAppearance` stands in for embeddings.
public struct AppearanceScorer: RelevanceScorer {
  private let scorer: any RelevanceScorer

  public init(_ scorer: any RelevanceScorer) {
    self.scorer = scorer
  }

  public var identity: ScorerIdentity { scorer.identity }
  public var queries: [String] { scorer.queries }
  public var preferredScaling: VideoScaling { scorer.preferredScaling }
  public var observationsPerSecond: Double { scorer.observationsPerSecond }

  /// What the embeddings are: a scorer with prompts has its own.
  public var embeddingsBy: String {
    queries.isEmpty ? FrameAppearance.name : identity.description
  }

  public func begin(_ info: VideoInfo) throws -> any RelevanceScoring {
    let inner = try scorer.begin(info)
    // What it would look at is thrown away where the scorer has embeddings.
    return queries.isEmpty ? AppearanceScoring(inner: inner) : inner
  }
}

/// The scoring of one video.
private final class AppearanceScoring: RelevanceScoring {
  private let inner: any RelevanceScoring
  private var appearances: [FrameAppearance] = []

  init(inner: any RelevanceScoring) {
    self.inner = inner
  }

  func observe(_ frame: VideoFrame, isCandidate: Bool) throws {
    if isCandidate { appearances.append(FrameAppearance(frame.image)) }
    try inner.observe(frame, isCandidate: isCandidate)
  }

  func finish() throws -> [CandidateRelevance] {
    var candidates = try inner.finish()
    for (place, vector) in FrameAppearance.vectors(of: appearances).enumerated() {
      candidates[place].embedding = vector
    }
    return candidates
  }
}
