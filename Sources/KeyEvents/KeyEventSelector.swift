import Encoders
// Selections from a video consist of KeySelection's types.
@_exported import KeySelection
import Video

/// A selection: its record and the chosen pictures.
public struct KeyEventSelection: Sendable {
  /// Its `frames[].image` are nil until `SelectionWriter` writes the pictures.
  public var record: SelectionRecord
  /// The chosen frames at native size, in the record's order.
  public var frames: [VideoFrame]
  /// All candidates with their relevance, and with their embeddings if the scorer makes
  /// them.
  public var curve: RelevanceCurve
  /// `VideoMotion`'s samples of the video or of the part, for the built-in describer; nil if
  /// the selection did not measure them.
  package var motion: [MotionSample]?
}

/// Selects the key events of a video. A first pass decodes and scores the candidates, a
/// second pass decodes the chosen frames at native size.
public enum KeyEventSelector {
  /// Selects frames of the video at `path`.
  ///
  /// - Throws: `VideoError` for an unreadable video, `KeySelectionError` for settings out
  ///   of range, and the scorer's errors.
  public static func select(
    path: String, options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer
  ) throws -> KeyEventSelection {
    try options.validate()
    return try select(
      from: IndexedVideo(path: path, view: options.view), options: options, scorer: scorer)
  }

  /// Selects frames of an indexed video, or of a part of it.
  ///
  /// - Parameter span: the part of the video's clock that is treated as a video of its
  ///   own, with times from its start; nil for all of it. With a trustworthy index only
  ///   the necessary frames are decoded.
  public static func select(
    from video: IndexedVideo, span: Range<Double>? = nil,
    options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer
  ) throws -> KeyEventSelection {
    try select(from: video, span: span, options: options, scorer: scorer, measuresMotion: false)
  }

  /// The same, and measures the motion in the pass that scores the candidates.
  ///
  /// - Parameter measuresMotion: whether to measure it; only the built-in scorer does.
  package static func select(
    from video: IndexedVideo, span: Range<Double>? = nil,
    options: SelectionOptions = SelectionOptions(), scorer: any RelevanceScorer,
    measuresMotion: Bool
  ) throws -> KeyEventSelection {
    let candidates = try ScoredCandidates(
      of: video, span: span, options: options, scorer: scorer, measuresMotion: measuresMotion)
    let record = try candidates.record(options)
    let frames = try candidates.pictures(of: record.frames.map(\.candidateIndex))
    return KeyEventSelection(
      record: record, frames: frames, curve: candidates.curve, motion: candidates.motion)
  }
}

/// The settings of a selection.
public struct SelectionOptions: Sendable, Equatable {
  /// The number of frames to choose.
  public var frames: Int
  public var strategy: SelectionStrategy
  public var parameters: SelectionParameters
  /// `PromptGate`'s threshold; nil for no gate.
  public var gate: Double?
  /// How a video named by its path is read. An indexed video has a view of its own.
  public var view: VideoView
  /// Threads that decode one video; the result is the same for any number.
  public var decodingThreads: Int

  public init(
    frames: Int = 8, strategy: SelectionStrategy = .kess,
    parameters: SelectionParameters = SelectionParameters(), gate: Double? = 0,
    view: VideoView = .asRecorded, decodingThreads: Int = 1
  ) {
    self.frames = frames
    self.strategy = strategy
    self.parameters = parameters
    self.gate = gate
    self.view = view
    self.decodingThreads = decodingThreads
  }

  /// - Throws: `KeySelectionError.badSetting`.
  public func validate() throws {
    guard frames >= 1 else {
      throw KeySelectionError.badSetting(name: "frames", found: "\(frames)", allowed: "1 or more")
    }
    if let gate, !gate.isFinite {
      throw KeySelectionError.badSetting(name: "gate", found: "\(gate)", allowed: "a number")
    }
    try parameters.validate()
  }
}
