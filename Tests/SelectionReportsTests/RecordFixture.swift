import Foundation
import KeyEvents
import TestSupport
import Video

/// A small clip, and a record of three frames from a file of scores, as
/// `kess select --scores` makes it.
enum RecordFixture {
  /// Writes a video of three seconds that grows red.
  ///
  /// - Returns: its path.
  static func clip(in folder: TemporaryFolder) throws -> String {
    let path = folder.file("clip.mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 8)
    for number in 0..<24 {
      try writer.append(RGBImage(width: 64, height: 48, red: UInt8(number * 10)))
    }
    try writer.finish()
    return path
  }

  static func record(in folder: TemporaryFolder, frames: Int = 3) throws -> SelectionRecord {
    let file = folder.file("scores.json")
    let relevance = (0..<20).map { [10: 0.8, 11: 1, 12: 0.9][$0] ?? 0.01 * Double($0 % 2) }
    let times = (0..<20).map { "\($0)" }.joined(separator: ",")
    let values = relevance.map { "\($0)" }.joined(separator: ",")
    try Data(
      "{\"timestamps\":[\(times)],\"relevance\":[\(values)],\"duration\":20}".utf8
    ).write(to: file)
    return try ScoreFile(contentsOf: file).record(SelectionOptions(frames: frames))
  }
}
