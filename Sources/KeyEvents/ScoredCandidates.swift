import Encoders
import Records
import Video

/// The scored candidates of a video. Any number of selections can be made from them
/// without decoding the video again.
public struct ScoredCandidates: Sendable {
  public let source: SelectionSource
  /// The input of the strategies: the scorer's relevance, or visual change if the gate is
  /// closed, with the candidates' embeddings.
  public let curve: RelevanceCurve
  /// Each candidate's frame index in the video.
  public let frameIndices: [Int]
  /// The prompt behind each candidate's relevance.
  public let prompts: [String?]
  /// Whether the prompts match the video; nil for scorers without prompts, and if there
  /// is no gate.
  public let gate: PromptGate?
  public let scorer: ScorerIdentity
  public let queries: [String]
  /// How the candidates' embeddings were made; nil for scorers without an encoder.
  public let encoding: EncodingCounts?
  /// `VideoMotion`'s samples of the span; nil if they were not measured.
  let motion: [MotionSample]?
  private let index: FrameIndex
  private let decodingThreads: Int
  /// The start of the scored span.
  private let startSeconds: Double
  private let pts: [Int64?]
  private let perSecond: Double

  /// Decodes and scores the candidates of the video at `path`: one per second, or four
  /// per requested frame in shorter videos.
  ///
  /// - Parameter progress: receives the finished share of the video after each candidate.
  /// - Throws: `VideoError` for an unreadable video, `KeyEventError` for a video without
  ///   frames, `KeySelectionError` for settings out of range, and the scorer's errors.
  public init(
    path: String, options: SelectionOptions, scorer: any RelevanceScorer,
    progress: (Double) -> Void = { _ in }
  ) throws {
    try options.validate()
    try self.init(
      of: IndexedVideo(path: path, view: options.view), options: options, scorer: scorer,
      progress: progress)
  }

  /// Decodes and scores the candidates of an indexed video.
  ///
  /// - Parameter span: the part of the video's clock that is treated as a video of its
  ///   own, with times from its start; nil for all of it.
  public init(
    of video: IndexedVideo, span: Range<Double>? = nil, options: SelectionOptions,
    scorer: any RelevanceScorer, progress: (Double) -> Void = { _ in }
  ) throws {
    try self.init(
      of: video, span: span, options: options, scorer: scorer, measuresMotion: false,
      progress: progress)
  }

  /// The same, and measures the motion in the same pass if `measuresMotion` and the scorer
  /// is the built-in one.
  init(
    of video: IndexedVideo, span: Range<Double>?, options: SelectionOptions,
    scorer: any RelevanceScorer, measuresMotion: Bool, progress: (Double) -> Void = { _ in }
  ) throws {
    try options.validate()
    let index = video.index
    self.index = index
    decodingThreads = options.decodingThreads
    startSeconds = span?.lowerBound ?? 0
    let scan = try CandidateScan(
      ScanRequest(
        index: index, span: span, options: options, scorer: scorer,
        measuresMotion: measuresMotion), progress: progress)
    guard !scan.times.isEmpty else {
      guard let span else { throw KeyEventError.noFrames(path: index.info.path) }
      throw KeyEventError.noFramesInSpan(
        path: index.info.path, startSeconds: span.lowerBound,
        lastFrameSeconds: index.timestamps.last ?? 0)
    }
    let embeddings = scan.relevance.map(\.embedding)
    let looks = scan.relevance.compactMap(\.look)
    let gate = options.gate.flatMap {
      PromptGate(threshold: $0, candidates: scan.relevance)
    }
    let isClosed = gate?.isOpen == false
    curve = RelevanceCurve(
      timestamps: scan.times,
      relevance: isClosed
        ? VisualChange.curve(of: embeddings) : scan.relevance.map(\.value),
      durationSeconds: scan.source.durationSeconds,
      embeddings: embeddings.contains { $0 != nil } ? embeddings : [],
      looks: looks.count == scan.times.count ? looks : [])
    // With a closed gate no prompt selected these candidates, so none is recorded.
    prompts = scan.relevance.map { isClosed ? nil : $0.prompt }
    self.gate = gate
    self.scorer = scorer.identity
    queries = scorer.queries
    frameIndices = scan.frameIndices
    encoding = scan.encoding
    motion = scan.motion
    pts = scan.pts
    perSecond = scan.perSecond
    var source = scan.source
    source.contentHash = try video.contentHash()
    source.contentHashRule = VideoFingerprint.hashRule
    self.source = source
  }

  /// Selects frames.
  ///
  /// - Parameter options: only `frames`, `strategy` and `parameters` are read. The others
  ///   took effect when the candidates were scored.
  /// - Throws: `KeySelectionError`.
  public func record(_ options: SelectionOptions) throws -> SelectionRecord {
    let selection = try CurveSelection(
      of: curve, frames: options.frames, strategy: options.strategy,
      parameters: options.parameters, prompts: prompts)
    return SelectionRecord(
      selection, of: curve, spread: options.parameters.spread, video: source, gate: gate,
      scorer: scorer, queries: queries, notes: gateNotes, prompts: prompts,
      perSecond: perSecond, frameIndices: frameIndices, pts: pts, encoding: encoding)
  }

  /// Pictures of candidates at native size.
  ///
  /// - Parameter chosen: candidate indices, strictly ascending.
  public func pictures(of chosen: [Int]) throws -> [VideoFrame] {
    var frames: [VideoFrame] = []
    try forEachPicture(of: chosen) { frames.append($0) }
    return frames
  }

  /// Gives pictures of candidates one at a time, because native size takes much memory.
  ///
  /// - Parameter chosen: candidate indices, strictly ascending.
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
