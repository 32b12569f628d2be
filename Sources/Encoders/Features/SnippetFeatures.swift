import Tensors
import Video

/// The features of a whole video: for each of the encoder's crops one row for each
/// full group of 16 frames.
///
/// As the VadCLIP features that the field uses: n = floor(frames / 16), what is
/// left over is dropped; a video shorter than 16 frames is one snippet, filled
/// up with its last frame.
public struct SnippetFeatures: Sendable {
  /// The frames of one snippet.
  public static let frameCount = 16

  /// One tensor [snippets, dimension] a crop, in the order of `FrameCrops`.
  public var crops: [Tensor<Float>]
  /// Ticks of `SnippetGrouping`, the dropped ones included: with `frames` the
  /// frames that decode.
  public var tickCount: Int
  /// How many frames decode.
  public var decodedFrameCount: Int
  /// Ticks per second on average: with `frames` by the first and the last
  /// timestamp, the container's rate for a single frame.
  public var frameRate: Double
  /// What the decoder had to say, such as damaged packets.
  public var warnings: [String]

  /// The rows of the first crop, [snippets, dimension].
  public var rows: Tensor<Float> { crops[0] }

  /// Reads a video once from start to end and encodes it snippet by snippet.
  ///
  /// Memory is bounded by 16 frames with their crops and the encoder's own,
  /// whatever the length. `progress` gets the share of the video that was read, by
  /// the length its header claims, after each snippet; what it throws ends the reading.
  ///
  /// - Parameters:
  ///   - grouping: Which frames make a snippet.
  ///   - scaling: The size at which frames are handed to the encoder; the one it
  ///     prefers where nil.
  ///   - threads: Decoder threads.
  /// - Throws: `VideoError`; `EncoderError.noFrames`; what the encoder throws.
  public static func read(
    path: String, encoder: any SnippetEncoder, grouping: SnippetGrouping = .frames,
    scaledTo scaling: VideoScaling? = nil, threads: Int = 1,
    progress: ((Double) throws -> Void)? = nil
  ) throws -> SnippetFeatures {
    let reader = try VideoReader(
      path: path, scaledTo: scaling ?? encoder.preferredScaling, threads: threads)
    var source = SnippetFrameSource(reader: reader, grouping: grouping)
    var scalars = [[Float]](repeating: [], count: encoder.crops.count)
    var count = 0
    var previous: RGBImage?
    let needsAll = encoder.frameOffsets == 0..<frameCount
    while let frames = try snippet(
      from: &source, offsets: encoder.frameOffsets, isFirst: count == 0)
    {
      let row = try encoder.encodeSnippet(frames, previous: previous)
      let width = row.count / scalars.count
      guard width > 0, row.count == width * scalars.count else {
        throw EncoderError.unusableSnippet(
          found: "\(row.count) numbers of \(encoder.identity)",
          expected: "one vector for each of \(scalars.count) crops")
      }
      for crop in scalars.indices { scalars[crop] += row[crop * width..<(crop + 1) * width] }
      previous = needsAll ? frames.last : nil
      count += 1
      try progress?(source.seconds / reader.info.durationSeconds)
    }
    guard count > 0 else { throw EncoderError.noFrames(path: path) }
    return SnippetFeatures(
      crops: scalars.map { Tensor(shape: [count, $0.count / count], scalars: $0) },
      tickCount: source.count, decodedFrameCount: reader.decodedFrameCount,
      frameRate: source.rate, warnings: reader.warnings)
  }

  /// The frames of the next snippet at `offsets` (of the first one all 16); nil at
  /// the end, and where fewer than 16 are left behind a first snippet.
  private static func snippet(
    from source: inout SnippetFrameSource, offsets: Range<Int>, isFirst: Bool
  ) throws -> [RGBImage]? {
    var frames: [RGBImage] = []
    for offset in 0..<frameCount {
      // The first snippet is read in full, to have a last frame to fill up with.
      guard isFirst || offsets.contains(offset) else {
        guard try source.skip() else { return nil }
        continue
      }
      if let frame = try source.next() {
        frames.append(frame)
      } else {
        guard isFirst, let last = frames.last else { return nil }
        return frames + Array(repeating: last, count: frameCount - frames.count)
      }
    }
    return frames
  }

  /// The rows of the first crop alone, [snippets, dimension].
  public static func extract(
    path: String, encoder: any SnippetEncoder, threads: Int = 1
  ) throws -> Tensor<Float> {
    try read(path: path, encoder: encoder, threads: threads).rows
  }
}

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
