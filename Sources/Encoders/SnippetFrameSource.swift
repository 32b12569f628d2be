import Video

/// The frames of a video one tick after the other, as `SnippetGrouping` counts them.
struct SnippetFrameSource {
  private let reader: VideoReader
  private let grouping: SnippetGrouping
  private var ticks = 0
  private var firstSeconds: Double?
  private var lastSeconds = 0.0
  /// With `time`: the frame that is shown now, and the one after it.
  private var shown: VideoFrame?
  private var upcoming: VideoFrame?

  init(reader: VideoReader, grouping: SnippetGrouping) {
    self.reader = reader
    self.grouping = grouping
  }

  /// How many ticks have come out.
  var count: Int { ticks }

  /// The time of the last tick's frame, from the first one's.
  var seconds: Double { lastSeconds - (firstSeconds ?? 0) }

  /// Ticks per second on average.
  var rate: Double {
    switch grouping {
    case .time: return SnippetGrouping.ticksPerSecond
    case .frames: return seconds > 0 ? Double(ticks - 1) / seconds : reader.info.averageFrameRate
    }
  }

  /// The frame of the next tick; nil at the end.
  mutating func next() throws -> RGBImage? {
    switch grouping {
    case .frames:
      guard let frame = try reader.nextFrame() else { return nil }
      note(frame.timestampSeconds)
      return frame.image
    case .time: return try nextTick()
    }
  }

  /// Steps over the next tick without converting its frame where that is possible;
  /// false at the end.
  mutating func skip() throws -> Bool {
    guard grouping == .frames else { return try nextTick() != nil }
    guard let frame = try reader.skipFrame() else { return false }
    note(frame.timestampSeconds)
    return true
  }

  private mutating func note(_ seconds: Double) {
    ticks += 1
    firstSeconds = firstSeconds ?? seconds
    lastSeconds = seconds
  }

  private mutating func nextTick() throws -> RGBImage? {
    if shown == nil {
      guard let first = try reader.nextFrame() else { return nil }
      shown = first
      firstSeconds = first.timestampSeconds
      upcoming = try reader.nextFrame()
    }
    // A frame that is due within a microsecond is due.
    let seconds = (firstSeconds ?? 0) + Double(ticks) / SnippetGrouping.ticksPerSecond + 1e-6
    while let next = upcoming, next.timestampSeconds <= seconds {
      shown = next
      upcoming = try reader.nextFrame()
    }
    guard let shown else { return nil }
    if upcoming == nil {
      let rate = reader.info.averageFrameRate
      guard seconds < shown.timestampSeconds + (rate > 0 ? 1 / rate : 0) else { return nil }
    }
    ticks += 1
    lastSeconds = shown.timestampSeconds
    return shown.image
  }
}
