/// What a frame shows of a key event.
public enum FrameRole: String, Codable, Sendable, CaseIterable {
  /// The event building up.
  case onset
  /// The event at its most relevant.
  case peak
  /// What the event leaves behind.
  case aftermath
  /// None of an event: it covers the rest of the video.
  case context
}
