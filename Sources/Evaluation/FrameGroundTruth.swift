import Records

/// Which frames of a video are inside an event, counted for each snippet: scores
/// of snippets stand for frames without being repeated in memory.
public struct FrameGroundTruth: Sendable, Equatable {
  /// What the frames after the last whole snippet get.
  public enum Tail: String, Codable, Sendable, CaseIterable {
    /// The last snippet's score, as UCF-Crime's official evaluator does.
    case `repeat`
    /// No part in the evaluation, as in VadCLIP.
    case drop
  }

  /// Positive frames by snippet.
  public let positives: [Int]
  /// Negative frames by snippet.
  public let negatives: [Int]

  /// How many snippets a video has: the whole ones, one at least.
  public static func snippetCount(frames: Int, snippetLength: Int = Snippet.frameCount) -> Int {
    max(1, frames / snippetLength)
  }

  /// Counts a video's frames.
  ///
  /// Events are clipped to the video and may overlap; each snippet stands for
  /// `snippetLength` frames, the last one also for the tail under `.repeat`, and
  /// for the frames that there are in a video shorter than a snippet.
  public init(
    frameCount: Int, events: [Range<Int>], snippetLength: Int = Snippet.frameCount,
    tail: Tail = .repeat
  ) {
    let labels = Self.frameLabels(frameCount: frameCount, events: events)
    let count = Self.snippetCount(frames: frameCount, snippetLength: snippetLength)
    var positives = [Int](repeating: 0, count: count)
    var negatives = positives
    for (frame, label) in labels.enumerated() {
      var snippet = frame / snippetLength
      if snippet >= count {
        if tail == .drop { break }
        snippet = count - 1
      }
      if label { positives[snippet] += 1 } else { negatives[snippet] += 1 }
    }
    self.positives = positives
    self.negatives = negatives
  }

  /// One label a frame: whether it lies in an event.
  public static func frameLabels(frameCount: Int, events: [Range<Int>]) -> [Bool] {
    var labels = [Bool](repeating: false, count: frameCount)
    for event in events {
      for frame in event.clamped(to: 0..<frameCount) { labels[frame] = true }
    }
    return labels
  }

  /// Snippet scores repeated to one a frame, the tail with the last score.
  public static func frameScores(
    _ scores: [Float], frameCount: Int, snippetLength: Int = Snippet.frameCount
  ) -> [Float] {
    guard !scores.isEmpty else { return [] }
    return (0..<frameCount).map { scores[min($0 / snippetLength, scores.count - 1)] }
  }
}
