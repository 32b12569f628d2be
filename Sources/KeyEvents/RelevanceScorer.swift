import Encoders
import Video

/// Which scorer made a relevance curve: written into every selection. Scorers of equal
/// identity give equal relevance.
public struct ScorerIdentity: Codable, Sendable, Equatable, CustomStringConvertible {
  /// `clip` or `builtin`.
  public var kind: String
  /// The model's id, or the built-in's name and version.
  public var model: String
  /// The hub revision, where known.
  public var revision: String?
  /// SHA-256 of the weights, where there are weights.
  public var weightsHash: String?
  /// The encoder's arithmetic, where it is not f32.
  public var precision: String?
  /// SHA-256 of the prompts for and against and of the rule of skipping, where the
  /// scorer has such.
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

/// How relevant a candidate is, and which prompt says so.
public struct CandidateRelevance: Sendable, Equatable {
  /// On the scorer's own scale; nil where the candidate could not be scored.
  public var value: Double?
  /// The prompt that the value comes from, for scorers with prompts.
  public var prompt: String?
  /// By how much that prompt fits better than the best of those that nothing is
  /// looked for with: what `PromptGate` judges; nil for scorers without prompts.
  public var margin: Double?
  /// What the candidate looks like, as the scorer sees it; any length but 0.
  public var embedding: [Float]?

  public init(
    value: Double?, prompt: String? = nil, margin: Double? = nil, embedding: [Float]? = nil
  ) {
    self.value = value
    self.prompt = prompt
    self.margin = margin
    self.embedding = embedding
  }
}

/// Says how much each candidate frame of a video matters.
public protocol RelevanceScorer: Sendable {
  var identity: ScorerIdentity { get }
  /// The prompts that frames are compared with; empty for a scorer without.
  var queries: [String] { get }
  /// The size in which the scorer wants its frames.
  var preferredScaling: VideoScaling { get }
  /// How many frames a second the scorer wants to see besides the candidates; 0
  /// for the candidates alone.
  var observationsPerSecond: Double { get }
  /// Begins with one video.
  func begin(_ info: VideoInfo) throws -> any RelevanceScoring
}

/// The scoring of one video: sees its frames in time order, then answers. It
/// belongs to one thread.
public protocol RelevanceScoring: AnyObject {
  /// Sees a frame; `isCandidate` says whether it wants a score.
  func observe(_ frame: VideoFrame, isCandidate: Bool) throws
  /// One relevance a candidate, in the order seen.
  func finish() throws -> [CandidateRelevance]
  /// How many frames were encoded and how many needed not be; nil for scorers that
  /// encode nothing.
  var encodingCounts: EncodingCounts? { get }
}

extension RelevanceScoring {
  public var encodingCounts: EncodingCounts? { nil }
}
