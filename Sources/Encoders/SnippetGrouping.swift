/// Which frames make a snippet of 16.
public enum SnippetGrouping: String, Codable, Sendable, CaseIterable {
  /// Every 16 decoded frames, whatever their rate: the rule of the released
  /// features, whose videos have 30 frames a second.
  case frames
  /// 16 ticks of a clock of 30 a second, so that a snippet is as long at any frame
  /// rate: at each tick the frame that is shown then counts, more than once in
  /// slower video, not at all in faster.
  case time

  /// Ticks a second of `time`.
  public static let ticksPerSecond = 30.0

  /// The rule in words, for provenance.
  public var rule: String {
    switch self {
    case .frames: "16 decoded frames a snippet; what is left over is dropped"
    case .time:
      "16 ticks of 1/30 s a snippet, each with the frame shown then; what is left over is dropped"
    }
  }
}
