import Datasets
import Descriptions
import Foundation
import KeyEvents
import Records
import Video
import Workspaces

/// Chooses a workspace's key frames: each choice is kept as a selection record
/// and made once.
public struct WorkspaceFrameSource: FrameSource {
  private let workspace: Workspace
  private let ledger: Ledger
  private let options: SelectionOptions
  private let scorer: @Sendable (DatasetVideo) throws -> any RelevanceScorer

  /// - Parameter scorer: the scorer for a video; its queries may come from the
  ///   label of a training video, never from another's.
  public init(
    workspace: Workspace, ledger: Ledger, options: SelectionOptions,
    scorer: @escaping @Sendable (DatasetVideo) throws -> any RelevanceScorer
  ) {
    self.workspace = workspace
    self.ledger = ledger
    self.options = options
    self.scorer = scorer
  }

  public func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String
  {
    let scorer = try scorer(video)
    var hash = ContentHash()
    hash.update("selection-\(SelectionRecord.currentFormat)")
    hash.update(fingerprint.hash)
    hash.update(options.strategy.rawValue)
    hash.update("\(options.frames) \(options.spread)")
    hash.update(scorer.identity.description)
    hash.update(scorer.identity.weightsHash ?? "")
    for query in scorer.queries { hash.update(query) }
    return hash.finalize()
  }

  public func frames(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> ChosenFrames
  {
    let key = try selectionKey(for: video, fingerprint: fingerprint)
    if let stored = try ledger.selection(videoID: video.id, key: key),
      let path = stored.recordPath
    {
      let file = workspace.url(ofRelativePath: path)
      if FileManager.default.fileExists(atPath: file.path) {
        let record = try SelectionRecord.read(from: file)
        let frames = try VideoFrames.frames(at: record.frames.map(\.frameIndex), of: video.path)
        return chosen(frames, record: record, selection: stored)
      }
    }
    let selection = try KeyEventSelector.select(
      path: video.path, options: options, scorer: scorer(video))
    let file = workspace.selectionsFolder
      .appendingPathComponent("\(video.id)-\(key.prefix(10)).selection.json")
    try JSONRecord.write(selection.record, to: file)
    return chosen(
      selection.frames, record: selection.record,
      selection: LedgerSelection(
        videoID: video.id, key: key, strategy: options.strategy.rawValue,
        scorer: selection.record.scorer.description, recordPath: workspace.relativePath(of: file)))
  }

  private func chosen(
    _ frames: [VideoFrame], record: SelectionRecord, selection: LedgerSelection
  ) -> ChosenFrames {
    ChosenFrames(
      frames: frames.map {
        FrameForDescription(
          image: $0.image, frameIndex: $0.frameIndex, timestampSeconds: $0.timestampSeconds)
      },
      durationSeconds: record.video.durationSeconds, selection: selection)
  }
}
