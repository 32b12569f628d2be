import Foundation
import Records
import Testing
import Video

/// Sets sparse decoding beside `VideoReader` from the start.
enum SparseCheck {
  /// Every frame of a file, by the sequential reader.
  static func allFrames(_ path: String, scaledTo scaling: VideoScaling = .native) throws
    -> [VideoFrame]
  {
    let reader = try VideoReader(path: path, scaledTo: scaling)
    var frames: [VideoFrame] = []
    while let frame = try reader.nextFrame() { frames.append(frame) }
    return frames
  }

  /// Expects equal times, and equal frames for random wanted sets.
  ///
  /// - Returns: The file's index.
  @discardableResult
  static func equalsSequential(
    _ path: String, rounds: Int = 12, location: SourceLocation = #_sourceLocation
  ) throws -> FrameIndex {
    let all = try allFrames(path)
    let index = try FrameIndex(path: path)
    let name = (path as NSString).lastPathComponent
    if index.isTrustworthy {
      #expect(
        index.timestamps == all.map(\.timestampSeconds), "\(name): times",
        sourceLocation: location)
      guard index.frameCount == all.count else { return index }
    }
    var generator = SeededGenerator(seed: 11, purpose: name)
    for round in 0..<rounds {
      let share = [0.02, 0.1, 0.3, 0.7, 1][round % 5]
      let wanted = all.indices.filter { _ in Double.random(in: 0..<1, using: &generator) < share }
      var found: [VideoFrame] = []
      let report = try SparseFrames.decode(at: wanted, of: index, threads: 1 + round % 3) {
        found.append($0)
      }
      #expect(report.isSequential == !index.isTrustworthy, sourceLocation: location)
      #expect(report.missing == [], "\(name): missing", sourceLocation: location)
      #expect(found.map(\.frameIndex) == wanted, "\(name): indices", sourceLocation: location)
      let wrong = found.filter { frame in
        frame.image != all[frame.frameIndex].image
          || frame.timestampSeconds != all[frame.frameIndex].timestampSeconds
      }
      #expect(
        wrong.isEmpty,
        "\(name) round \(round): frames \(wrong.map(\.frameIndex)) of \(wanted) differ",
        sourceLocation: location)
    }
    return index
  }
}
