import Foundation
import KeyEvents
import TestSupport

/// A record of three frames from a file of scores, as `kess select --scores` makes it.
enum RecordFixture {
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
