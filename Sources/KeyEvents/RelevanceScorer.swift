import Encoders
import Video

/// The scorer behind a relevance curve, as every selection records it. Scorers of equal
/// identity give equal relevance.
public struct ScorerIdentity: Codable, Sendable, Equatable, CustomStringConvertible {
  /// `clip` or `builtin`.
  public var kind: String
  /// The model's id, or the built-in's name and version.
  public var model: String
  /// The hub revision, if known.
  public var revision: String?
  /// SHA-256 of the weights, if the scorer has weights.
  public var weightsHash: String?
  /// The encoder's arithmetic, if it is not f32.
  public var precision: String?
  /// SHA-256 of the wanted and unwanted prompts and of the skipping rule, if the scorer
  /// has them.
  public var settingsHash: String?

  public init(
    kind: String, model: String, revision: String? = nil, weightsHash: String? = nil,
    precision: String? = nil, settingsHash: String? = nil
  ) {
    self.kind = kind
    self.model = model
    self.revision = revision
    self.weightsHash = weightsHash
    self.precision = precision
    self.settingsHash = settingsHash
  }

  public var description: String {
    let suffix = revision.map { "@\($0.prefix(12))" } ?? weightsHash.map { "#\($0.prefix(8))" }
    return "\(kind) \(model)\(suffix ?? "")\(precision.map { " in \($0)" } ?? "")"
  }
}

/// A candidate's relevance, and the prompt behind it.
public struct CandidateRelevance: Sendable, Equatable {
  /// On the scorer's own scale; nil if the candidate could not be scored.
  public var value: Double?
  /// The prompt with the greatest similarity; nil for scorers without prompts.
  public var prompt: String?
  /// That prompt's lead over the best unwanted or neutral prompt, which `PromptGate`
  /// compares with its threshold; nil for scorers without prompts.
  public var margin: Double?
  /// The scorer's visual embedding of the candidate, of any norm except 0.
  public var embedding: [Float]?
  /// The number of its look, ascending over candidates (`CandidateLooks`); nil if the scorer
  /// does not look for cuts.
  public var look: Int?

  public init(
    value: Double?, prompt: String? = nil, margin: Double? = nil, embedding: [Float]? = nil,
    look: Int? = nil
  ) {
    self.value = value
    self.prompt = prompt
    self.margin = margin
    self.embedding = embedding
    self.look = look
  }
}

/// Scores the relevance of a video's candidate frames.
public protocol RelevanceScorer: Sendable {
  var identity: ScorerIdentity { get }
  /// The prompts with which frames are compared; empty for a scorer without prompts.
  var queries: [String] { get }
  /// The size in which the scorer wants its frames.
  var preferredScaling: VideoScaling { get }
  /// How many frames per second the scorer needs besides the candidates; 0 for the
  /// candidates alone.
  var observationsPerSecond: Double { get }
  /// Starts the scoring of one video.
  func begin(_ info: VideoInfo) throws -> any RelevanceScoring
}

/// The scoring of one video. It receives the frames in time order, then gives the scores.
/// It belongs to one thread.
public protocol RelevanceScoring: AnyObject {
  /// Receives a frame; `isCandidate` states whether the frame needs a score.
  func observe(_ frame: VideoFrame, isCandidate: Bool) throws
  /// One relevance per candidate, in the order of the frames.
  func finish() throws -> [CandidateRelevance]
  /// How many frames were encoded, and how many were not necessary to encode; nil for
  /// scorers without an encoder.
  var encodingCounts: EncodingCounts? { get }
}

extension RelevanceScoring {
  public var encodingCounts: EncodingCounts? { nil }
}

/// The built-in scorer, which needs no weights: the mean `MotionNovelty` of the frames
/// around a candidate. The mean covers 0.7 s, or the candidate's share of time if
/// candidates are sparser. A cut begins a new look.
public struct NoveltyScorer: RelevanceScorer {
  public init() {}

  public var identity: ScorerIdentity {
    ScorerIdentity(kind: "builtin", model: "novelty-v2")
  }

  public var queries: [String] { [] }
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }
  public var observationsPerSecond: Double { MotionNovelty.framesPerSecond }

  public func begin(_ info: VideoInfo) throws -> any RelevanceScoring {
    NoveltyScoring()
  }
}

/// The scoring of one video. In the same pass it can measure the video's motion for the
/// built-in describer, whose frames are others.
final class NoveltyScoring: RelevanceScoring {
  private var analyzer = PairedMotionAnalyzer()
  private var samples: [MotionSample] = []
  private var candidates: [Double] = []
  /// `VideoMotion`'s samples so far.
  private(set) var motion: [MotionSample] = []

  func observe(_ frame: VideoFrame, isCandidate: Bool) {
    observe(
      frame, isCandidate: isCandidate, scoredSeconds: frame.timestampSeconds, motionSeconds: nil)
  }

  /// Receives a frame.
  ///
  /// - Parameters:
  ///   - scoredSeconds: its time in the scoring; nil if only the motion needs it.
  ///   - motionSeconds: its time in `motion`; nil if only the scoring needs it.
  func observe(
    _ frame: VideoFrame, isCandidate: Bool, scoredSeconds: Double?, motionSeconds: Double?
  ) {
    let (scored, measured) = analyzer.observe(
      frame.image, firstSeconds: scoredSeconds, secondSeconds: motionSeconds)
    if let scored { samples.append(scored) }
    if let measured { motion.append(measured) }
    if isCandidate, let scoredSeconds { candidates.append(scoredSeconds) }
  }

  func finish() -> [CandidateRelevance] {
    let novelty = MotionNovelty.curve(of: samples)
    let steps = zip(candidates.dropFirst(), candidates).map { $0 - $1 }.sorted()
    let reach = max(0.35, (steps.isEmpty ? 0 : steps[steps.count / 2]) / 2) + 1e-6
    var low = 0
    var (passed, cuts) = (0, 0)
    return candidates.map { seconds in
      while low < samples.count, samples[low].timestampSeconds < seconds - reach { low += 1 }
      while passed < samples.count, samples[passed].timestampSeconds <= seconds {
        if samples[passed].isCut { cuts += 1 }
        passed += 1
      }
      var sum = 0.0
      var count = 0.0
      var place = low
      while place < samples.count, samples[place].timestampSeconds <= seconds + reach {
        sum += novelty[place]
        count += 1
        place += 1
      }
      return CandidateRelevance(value: count > 0 ? sum / count : nil, look: cuts)
    }
  }
}
