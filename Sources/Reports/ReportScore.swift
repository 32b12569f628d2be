/// One score and the stretch of time that it stands for.
public struct ReportScore: Codable, Sendable, Equatable {
  public var startSeconds: Double
  public var endSeconds: Double
  /// The anomaly score, 0...1.
  public var score: Double

  public init(startSeconds: Double, endSeconds: Double, score: Double) {
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
    self.score = score
  }

  /// The scores of consecutive snippets of `framesPerSnippet` frames; the last
  /// one reaches to the video's end.
  ///
  /// - Parameter durationSeconds: the video's length; the ranges are clipped to it.
  public static func snippets(
    _ scores: [Float], framesPerSnippet: Int = 16, framesPerSecond: Double,
    durationSeconds: Double
  ) -> [ReportScore] {
    precondition(framesPerSnippet > 0 && framesPerSecond > 0, "snippets need a length")
    let length = Double(framesPerSnippet) / framesPerSecond
    return scores.indices.compactMap { index in
      let start = Double(index) * length
      let isLast = index == scores.count - 1
      let end = isLast ? durationSeconds : min(durationSeconds, start + length)
      guard end > start else { return nil }
      return ReportScore(startSeconds: start, endSeconds: end, score: Double(scores[index]))
    }
  }
}
