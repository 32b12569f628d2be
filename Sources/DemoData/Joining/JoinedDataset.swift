import Foundation
import Records
import Synchronization
import Video

/// Joins short clips to videos of six, with a table that `--dataset` reads.
package enum JoinedDataset {
  /// What was joined.
  package struct Summary: Codable, Sendable, Equatable {
    package var trainingVideos: Int
    package var testVideos: Int
    package var frames: Int
    /// Frames of the test videos, and those of them inside fights.
    package var testFrames: Int
    package var testEventFrames: Int
  }

  /// The data set's table, written last: where it is, all videos are there.
  package static let table = "videos.csv"
  /// Which clip is shown in which frames of a video.
  package static let clipTable = "clips.csv"
  /// x264's rate factor: the pictures stay near the clips, which were compressed before.
  static let quality = 20

  /// Writes the videos of a plan below `folder`, with `jobs` threads: 320x240 pixels, 25 frames
  /// a second, H.264. The same plan and clips give the same bytes. Videos that are there are
  /// written again.
  ///
  /// - Throws: `VideoError` for a clip that does not decode, and where no H.264 encoder is to
  ///   be had; `RecordError`.
  @discardableResult
  package static func write(
    _ plan: JoinPlan, of clips: ClipFolder, to folder: URL, jobs: Int = 2,
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws -> Summary {
    // An unfinished folder has no table.
    try? FileManager.default.removeItem(at: folder.appendingPathComponent(table))
    let done = Mutex(0)
    let pieces = try Parallel.map(plan.videos, jobs: jobs) { video in
      let pieces = try join(video, of: clips, folder: folder)
      done.withLock {
        $0 += 1
        progress?($0)
      }
      return pieces
    }
    var rows = "video,class,split,events,scene\n"
    var clipRows = "video,clip,class,start,end\n"
    var summary = Summary(
      trainingVideos: 0, testVideos: 0, frames: 0, testFrames: 0, testEventFrames: 0)
    for (video, pieces) in zip(plan.videos, pieces) {
      let event = event(of: video, pieces)
      rows +=
        [
          video.path, className(isFight: video.isAnomalous), video.isTraining ? "train" : "test",
          event.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "", video.scene,
        ].joined(separator: ",") + "\n"
      for (clip, frames) in zip(video.clips, pieces) {
        clipRows +=
          "\(video.name),\(clip.path),\(className(isFight: clip.isFight)),"
          + "\(frames.lowerBound),\(frames.upperBound)\n"
      }
      let count = pieces.last?.upperBound ?? 0
      summary.frames += count
      if video.isTraining {
        summary.trainingVideos += 1
      } else {
        summary.testVideos += 1
        summary.testFrames += count
        summary.testEventFrames += event?.count ?? 0
      }
    }
    try AtomicFile.write(Data(clipRows.utf8), to: folder.appendingPathComponent(clipTable))
    try AtomicFile.write(Data(rows.utf8), to: folder.appendingPathComponent(table))
    return summary
  }

  private static func className(isFight: Bool) -> String { isFight ? "Fighting" : "Normal" }

  /// The frames of each clip in the joined video, half-open.
  private static func join(_ video: JoinPlan.Video, of clips: ClipFolder, folder: URL) throws
    -> [Range<Int>]
  {
    var pieces: [Range<Int>] = []
    try AtomicFile.write(to: folder.appendingPathComponent(video.path)) { temporary in
      let writer = try VideoWriter(
        path: temporary.path, width: ClipFrames.width, height: ClipFrames.height,
        frameRate: ClipFrames.frameRate, quality: quality)
      var count = 0
      for clip in video.clips {
        let start = count
        for image in try ClipFrames.read(clips.folder.appendingPathComponent(clip.path).path) {
          try writer.append(image)
          count += 1
        }
        pieces.append(start..<count)
      }
      try writer.finish()
    }
    return pieces
  }

  /// The fights of a video, which follow each other, as one event.
  private static func event(of video: JoinPlan.Video, _ pieces: [Range<Int>]) -> Range<Int>? {
    let fights = zip(video.clips, pieces).filter(\.0.isFight).map(\.1)
    guard let first = fights.first, let last = fights.last else { return nil }
    return first.lowerBound..<last.upperBound
  }
}
