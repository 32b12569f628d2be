import Encoders
import KeyEvents
import Synchronization
import Video

/// A scorer that also remembers how each candidate looks, so that one pass of
/// decoding gives relevance and appearance. For one video at a time.
public final class AppearanceScorer: RelevanceScorer {
  private let scorer: any RelevanceScorer
  private let kept = Mutex<[FrameAppearance]>([])

  public init(_ scorer: any RelevanceScorer) {
    self.scorer = scorer
  }

  public var identity: ScorerIdentity { scorer.identity }
  public var queries: [String] { scorer.queries }
  public var preferredScaling: VideoScaling { scorer.preferredScaling }
  public var observationsPerSecond: Double { scorer.observationsPerSecond }

  public func begin(_ info: VideoInfo) throws -> any RelevanceScoring {
    kept.withLock { $0 = [] }
    return AppearanceScoring(inner: try scorer.begin(info), owner: self)
  }

  /// The candidates of the last video, in time order.
  public var appearances: [FrameAppearance] { kept.withLock { $0 } }

  fileprivate func keep(_ appearances: [FrameAppearance]) {
    kept.withLock { $0 = appearances }
  }
}

/// The scoring of one video.
private final class AppearanceScoring: RelevanceScoring {
  private let inner: any RelevanceScoring
  private let owner: AppearanceScorer
  private var appearances: [FrameAppearance] = []

  init(inner: any RelevanceScoring, owner: AppearanceScorer) {
    self.inner = inner
    self.owner = owner
  }

  func observe(_ frame: VideoFrame, isCandidate: Bool) throws {
    if isCandidate { appearances.append(FrameAppearance(frame.image)) }
    try inner.observe(frame, isCandidate: isCandidate)
  }

  func finish() throws -> [CandidateRelevance] {
    owner.keep(appearances)
    return try inner.finish()
  }
}
