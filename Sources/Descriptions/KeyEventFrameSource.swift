import Datasets
import Foundation
import KeyEvents
import Records
import Video
import Workspaces

/// Key event selection as a run's source of frames, with the selections kept in
/// the workspace: `selections/<video>-<key>/<video>.selection.json` and its pictures,
/// and beside them the frames as they are sent (`ReadyFrameFile`).
public struct KeyEventFrameSource: FrameSource {
  public let workspace: Workspace
  public let options: SelectionOptions
  private let scorer: @Sendable (DatasetVideo) throws -> any RelevanceScorer
  private let indexes = IndexedVideos(capacity: max(2, Parallel.cores))

  /// The rules of selection; others make other keys.
  private static let version = "2"

  /// - Parameter scorer: the scorer for a video; it may ask for the video's label
  ///   where that is allowed.
  public init(
    workspace: Workspace, options: SelectionOptions = SelectionOptions(),
    scorer: @escaping @Sendable (DatasetVideo) throws -> any RelevanceScorer
  ) {
    self.workspace = workspace
    self.options = options
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

  public func choice(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> FrameChoice {
    let key = try selectionKey(for: video, fingerprint: fingerprint)
    let folder = workspace.selectionsFolder.appendingPathComponent("\(video.id)-\(key.prefix(12))")
    let file = folder.appendingPathComponent("\(video.id).selection.json")
    let span = video.segment?.span
    // A record that cannot be read is made again.
    if let record = try? SelectionRecord.read(from: file) {
      return choice(record, file: file, key: key, video: video) { [indexes] in
        let indexed = try indexes.video(at: video.path, contentHash: fingerprint.hash)
        return try VideoFrames.frames(
          at: record.frames.compactMap(\.frameIndex), of: indexed.index
        ).map { $0.counted(fromSeconds: span?.lowerBound ?? 0) }
      }
    }
    let indexed = try indexes.video(at: video.path, contentHash: fingerprint.hash)
    var selection = try KeyEventSelector.select(
      from: indexed, span: span, options: options, scorer: scorer(video))
    _ = try SelectionWriter(folder: folder).write(&selection, name: video.id)
    return choice(selection.record, file: file, key: key, video: video) {
      [frames = selection.frames] in frames
    }
  }

  private func choice(
    _ record: SelectionRecord, file: URL, key: String, video: DatasetVideo,
    decoded: @escaping @Sendable () throws -> [VideoFrame]
  ) -> FrameChoice {
    FrameChoice(
      frameIndices: record.frames.compactMap(\.frameIndex),
      durationSeconds: record.curve.durationSeconds,
      selection: LedgerSelection(
        videoID: video.id, key: key, strategy: record.strategy.rawValue,
        scorer: record.scorer.description, recordPath: workspace.relativePath(of: file)),
      readyFile: file.deletingLastPathComponent().appendingPathComponent("\(video.id).frames")
    ) {
      try decoded().map {
        FrameForDescription(
          image: $0.image, frameIndex: $0.frameIndex, timestampSeconds: $0.timestampSeconds)
      }
    }
  }
}
