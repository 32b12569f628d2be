import Datasets
import Encoders
import Foundation
import KeyEvents
import Records
import Video
import Workspaces

/// Chooses the frames of a video that a description is based on. Calls block, and several
/// threads call at once.
public protocol KeyFrameSource: Sendable {
  /// A hash of everything that decides which frames are chosen: strategy, scorer, queries,
  /// parameters and the video's fingerprint. It decodes nothing, so that a run with nothing
  /// left to do ends at once.
  func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String
  /// Chooses a video's frames, or reads an earlier choice with the same key, which decodes
  /// nothing.
  func chosenFrames(of video: DatasetVideo, fingerprint: VideoFingerprint) throws -> ChosenFrames
  /// Decodes the chosen frames at the video's own size, in the order of their indices.
  ///
  /// - Throws: `VideoError`.
  func decode(_ chosen: ChosenFrames, of video: DatasetVideo, fingerprint: VideoFingerprint) throws
    -> [VideoFrame]
}

extension KeyFrameSource {
  /// The chosen frames at the video's own size, decoded only if choosing did not decode them.
  ///
  /// - Throws: `VideoError`.
  public func frames(
    of chosen: ChosenFrames, from video: DatasetVideo, fingerprint: VideoFingerprint
  ) throws -> [VideoFrame] {
    try chosen.decoded ?? decode(chosen, of: video, fingerprint: fingerprint)
  }
}

/// Which frames of a video were chosen.
public struct ChosenFrames: Sendable {
  /// The frames' numbers in display order, in time order.
  public var frameIndices: [Int]
  /// The video's duration.
  public var durationSeconds: Double
  /// The choice, as the ledger stores it.
  public var selection: LedgerSelection
  /// Where the frames may be stored as they are sent; nil for nowhere.
  public var sentFramesFile: URL?
  /// The frames, if choosing them decoded them.
  public var decoded: [VideoFrame]?
  /// The video's motion for the built-in describer, if choosing the frames measured it.
  package var motion: [MotionSample]?

  public init(
    frameIndices: [Int], durationSeconds: Double, selection: LedgerSelection,
    sentFramesFile: URL? = nil, decoded: [VideoFrame]? = nil
  ) {
    self.frameIndices = frameIndices
    self.durationSeconds = durationSeconds
    self.selection = selection
    self.sentFramesFile = sentFramesFile
    self.decoded = decoded
  }
}

/// Chooses frames by key event selection and stores each selection in the workspace:
/// `selections/<video>-<key>/<video>.selection.json` and its pictures, and beside them the
/// frames as they are sent (`SentFrameFile`).
public struct KeyEventFrameSource: KeyFrameSource {
  public let workspace: Workspace
  public let options: SelectionOptions
  /// Whether a new selection also measures the video's motion for `BuiltInDescriber`, so that
  /// the describer need not decode the video again.
  public let measuresMotion: Bool
  private let scorer: @Sendable (DatasetVideo) throws -> any RelevanceScorer
  private let indexes = IndexedVideos(capacity: max(2, Parallel.cores))

  /// The version of the selection's rules; a new version makes new keys.
  private static let version = "3"

  /// - Parameter scorer: the scorer for a video; it may use the video's label where that
  ///   is allowed.
  public init(
    workspace: Workspace, options: SelectionOptions = SelectionOptions(),
    measuresMotion: Bool = false,
    scorer: @escaping @Sendable (DatasetVideo) throws -> any RelevanceScorer
  ) {
    self.workspace = workspace
    self.options = options
    self.measuresMotion = measuresMotion
    self.scorer = scorer
  }

  public func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String
  {
    let scorer = try scorer(video)
    let parameters = Parameters(
      version: Self.version, frames: options.frames, strategy: options.strategy,
      dials: options.parameters, gate: options.gate, scorer: scorer.identity)
    var hash = ContentHash()
    hash.update(try JSONRecord.encode(parameters, pretty: false))
    hash.update(fingerprint.hash)
    if let segment = video.segment { hash.update(segment.keyText) }
    if let view = video.view.record { hash.update(view.keyText) }
    return hash.finalize()
  }

  private struct Parameters: Encodable {
    let version: String
    let frames: Int
    let strategy: SelectionStrategy
    let dials: SelectionParameters
    let gate: Double?
    let scorer: ScorerIdentity
  }

  public func chosenFrames(of video: DatasetVideo, fingerprint: VideoFingerprint) throws
    -> ChosenFrames
  {
    let key = try selectionKey(for: video, fingerprint: fingerprint)
    let folder = workspace.selectionsFolder.appendingPathComponent("\(video.id)-\(key.prefix(12))")
    let file = folder.appendingPathComponent("\(video.id).selection.json")
    // A record that cannot be read is replaced.
    if let record = try? SelectionRecord.read(from: file) {
      return chosen(record, file: file, key: key, video: video)
    }
    let indexed = try indexes.video(
      at: video.path, view: video.view, contentHash: fingerprint.hash)
    var selection = try KeyEventSelector.select(
      from: indexed, span: video.segment?.span, options: options, scorer: scorer(video),
      measuresMotion: measuresMotion)
    _ = try SelectionWriter(folder: folder).write(&selection, name: video.id)
    var chosen = chosen(selection.record, file: file, key: key, video: video)
    chosen.decoded = selection.frames
    chosen.motion = selection.motion
    return chosen
  }

  public func decode(
    _ chosen: ChosenFrames, of video: DatasetVideo, fingerprint: VideoFingerprint
  ) throws -> [VideoFrame] {
    let indexed = try indexes.video(
      at: video.path, view: video.view, contentHash: fingerprint.hash)
    return try VideoFrames.frames(at: chosen.frameIndices, of: indexed.index)
      .map { $0.counted(fromSeconds: video.segment?.span.lowerBound ?? 0) }
  }

  private func chosen(
    _ record: SelectionRecord, file: URL, key: String, video: DatasetVideo
  ) -> ChosenFrames {
    ChosenFrames(
      frameIndices: record.frames.compactMap(\.frameIndex),
      durationSeconds: record.curve.durationSeconds,
      selection: LedgerSelection(
        videoID: video.id, key: key, strategy: record.strategy.rawValue,
        scorer: record.scorer.description, recordPath: workspace.relativePath(of: file)),
      sentFramesFile: file.deletingLastPathComponent()
        .appendingPathComponent("\(video.id).frames"))
  }
}
