import Encoders
import KeyEvents
import Video

/// The built-in appearance of a frame, for visual redundancy without an encoder: the mean
/// colour of 16 x 12 equal blocks, three numbers per block in 0...255.
public struct FrameAppearance: Codable, Sendable, Equatable {
  /// The name in records.
  public static let name = "block-colours-16x12-v1"
  private static let columns = 16
  private static let rows = 12

  /// 576 samples, rows from the top, red, green and blue of each block.
  public var samples: [UInt8]

  /// The appearance of a picture.
  public init(_ image: RGBImage) {
    samples = image.resized(width: Self.columns, height: Self.rows).pixels
  }

  public init(samples: [UInt8]) {
    self.samples = samples
  }

  /// Vectors whose cosines compare the frames of one video: each frame's
  /// difference from the mean of all, and one constant component.
  ///
  /// A fixed camera gives all frames the same background, and without subtracting the mean
  /// all cosines would be near 1. The constant equals a difference of 2 grey levels in
  /// every sample: frames that differ from the mean only by sensor noise have a cosine
  /// near 1, not near 0.
  public static func vectors(of frames: [FrameAppearance]) -> [[Float]] {
    guard let width = frames.first?.samples.count else { return [] }
    var mean = [Double](repeating: 0, count: width)
    for frame in frames {
      for place in mean.indices { mean[place] += Double(frame.samples[place]) }
    }
    for place in mean.indices { mean[place] /= Double(frames.count) }
    let constant = Float(2 * Double(width).squareRoot())
    return frames.map { frame in
      zip(frame.samples, mean).map { Float(Double($0) - $1) } + [constant]
    }
  }
}

/// A scorer that adds embeddings to a scorer without them: `FrameAppearance` replaces the
/// missing embeddings.
public struct AppearanceScorer: RelevanceScorer {
  private let scorer: any RelevanceScorer

  public init(_ scorer: any RelevanceScorer) {
    self.scorer = scorer
  }

  public var identity: ScorerIdentity { scorer.identity }
  public var queries: [String] { scorer.queries }
  public var preferredScaling: VideoScaling { scorer.preferredScaling }
  public var observationsPerSecond: Double { scorer.observationsPerSecond }

  /// The name of the embeddings. A scorer with prompts has its own.
  public var embeddingsBy: String {
    queries.isEmpty ? FrameAppearance.name : identity.description
  }

  public func begin(_ info: VideoInfo) throws -> any RelevanceScoring {
    let inner = try scorer.begin(info)
    // A scorer with embeddings needs no appearances.
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
