import Encoders
import Video

/// A video whose candidates are scored: any number of selections can be made from
/// it without decoding it again.
public struct ScoredVideo: Sendable {
  public let source: SelectionSource
  /// What strategies select from: relevance as the scorer gave it, or visual change
  /// where the gate is closed; with the candidates' embeddings.
  public let curve: RelevanceCurve
  /// Which frame of the video each candidate is.
  public let frameIndices: [Int]
  /// The prompt that each candidate's relevance comes from.
  public let prompts: [String?]
  /// Whether the prompts match; nil for scorers without prompts, and without a gate.
  public let gate: PromptGate?
  public let scorer: ScorerIdentity
  public let queries: [String]
  /// How the candidates' embeddings came about; nil for scorers that encode nothing.
  public let encoding: EncodingCounts?
  private let index: FrameIndex
  private let decodingThreads: Int
  /// Where the span begins that was selected from.
  private let startSeconds: Double
  private let pts: [Int64?]
  private let perSecond: Double

  /// Decodes and scores the candidates of the video at `path`: one a second, or
  /// four a frame wanted in shorter videos.
  ///
  /// - Parameter progress: gets the share of the video that was seen, after each candidate.
  /// - Throws: `VideoError` for what is no readable video, `KeyEventError` for
  ///   settings out of range, and what the scorer throws.
  public init(
    path: String, options: SelectionOptions, scorer: any RelevanceScorer,
    progress: (Double) -> Void = { _ in }
  ) throws {
    try options.validate()
    try self.init(
      IndexedVideo(path: path), options: options, scorer: scorer, progress: progress)
  }

  /// The same for a video whose packets are read already.
  ///
  /// - Parameter span: the part of the video's clock that is taken for a video of its
  ///   own, with times that count from its start; nil for all of it.
  public init(
    _ video: IndexedVideo, span: Range<Double>? = nil, options: SelectionOptions,
    scorer: any RelevanceScorer, progress: (Double) -> Void = { _ in }
  ) throws {
    try options.validate()
    let index = video.index
    self.index = index
    decodingThreads = options.decodingThreads
    startSeconds = span?.lowerBound ?? 0
    let scan = try CandidateScan(
      of: index, span: span, options: options, scorer: scorer, progress: progress)
    guard !scan.times.isEmpty else {
      guard let span else { throw KeyEventError.noFrames(path: index.info.path) }
      throw KeyEventError.noFramesInSpan(
        path: index.info.path, startSeconds: span.lowerBound,
        lastFrameSeconds: index.timestamps.last ?? 0)
    }
    let embeddings = scan.relevance.map(\.embedding)
    let gate = options.gate.flatMap {
      PromptGate(threshold: $0, candidates: scan.relevance)
    }
    let isClosed = gate?.isOpen == false
    curve = RelevanceCurve(
      timestamps: scan.times,
      relevance: isClosed
        ? VisualChange.curve(of: embeddings) : scan.relevance.map(\.value),
      durationSeconds: scan.source.durationSeconds,
      embeddings: embeddings.contains { $0 != nil } ? embeddings : [])
    // What no prompt matches was pulled by none.
    prompts = scan.relevance.map { isClosed ? nil : $0.prompt }
    self.gate = gate
    self.scorer = scorer.identity
    queries = scorer.queries
    frameIndices = scan.frameIndices
    encoding = scan.encoding
    pts = scan.pts
    perSecond = scan.perSecond
    var source = scan.source
    source.sha256 = try video.sha256()
    self.source = source
  }

  /// Selects frames.
  ///
  /// - Parameter options: `frames`, `strategy` and `parameters` are read; the rest
  ///   was settled when the video was scored.
  /// - Throws: `KeyEventError`.
  public func record(_ options: SelectionOptions) throws -> SelectionRecord {
    let selection = try CurveSelection(
      of: curve, frames: options.frames, strategy: options.strategy,
      parameters: options.parameters, prompts: prompts)
    return SelectionRecord(
      selection, of: curve, spread: options.parameters.spread, video: source, gate: gate,
      scorer: scorer, queries: queries, notes: gateNotes, prompts: prompts,
      perSecond: perSecond, frameIndices: frameIndices, pts: pts, encoding: encoding)
  }

  /// Candidates as pictures at native size.
  ///
  /// - Parameter chosen: which, by candidate index, strictly ascending.
  public func pictures(of chosen: [Int]) throws -> [VideoFrame] {
    var frames: [VideoFrame] = []
    try forEachPicture(of: chosen) { frames.append($0) }
    return frames
  }

  /// The same one at a time: pictures at native size are large.
  ///
  /// - Parameter chosen: which, by candidate index, strictly ascending.
  public func forEachPicture(of chosen: [Int], body: (VideoFrame) throws -> Void) throws {
    try VideoFrames.forEach(
      at: chosen.map { frameIndices[$0] }, of: index, threads: decodingThreads
    ) { try body($0.counted(fromSeconds: startSeconds)) }
  }

  private var gateNotes: [String] {
    guard let gate, !gate.isOpen else { return [] }
    let margin = gate.greatestMargin.map { String(format: "%.4f", $0) } ?? "none"
    return [
      "no prompt matches this video: the greatest margin is \(margin), the gate "
        + "\(String(format: "%.4f", gate.threshold)); frames cover visual change instead"
    ]
  }
}
