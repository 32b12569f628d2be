import Records
import Tensors
import Video

/// The features of a whole video: for each of the encoder's crops one row per full group of
/// 16 frames.
///
/// The rule is that of the VadCLIP features that the field uses: n = floor(frames / 16), the
/// remaining frames are dropped; a video shorter than 16 frames is one snippet, padded with
/// its last frame.
public struct SnippetFeatures: Sendable {
  /// One tensor [snippets, dimension] per crop, in the order of `FrameCrops`.
  public var crops: [Tensor<Float>]
  /// Ticks of `SnippetGrouping`, including the dropped ones; with `frames` the number of
  /// decoded frames.
  public var tickCount: Int
  /// The number of decoded frames.
  public var decodedFrameCount: Int
  /// The average number of ticks per second: with `frames` by the first and the last
  /// timestamp, for a single frame the container's rate.
  public var frameRate: Double
  /// The decoder's warnings, such as damaged packets.
  public var warnings: [String]

  /// The rows of the first crop, [snippets, dimension].
  public var rows: Tensor<Float> { crops[0] }

  /// Reads a video once from start to end and encodes it snippet by snippet.
  ///
  /// Memory is bounded by 16 frames with their crops and the encoder's own, whatever the
  /// length. After each snippet `progress` gets the share of the video that was read, by the
  /// length in its header; an error of `progress` ends the reading.
  ///
  /// - Parameters:
  ///   - view: The shape of the pixels, and the regions that are ignored.
  ///   - grouping: Which frames make a snippet.
  ///   - scaling: The size of the encoder's frames; where nil, its preferred one.
  ///   - threads: Decoder threads.
  /// - Throws: `VideoError`; `EncoderError.noFrames`; the encoder's errors.
  public static func read(
    path: String, view: VideoView = .asRecorded, encoder: any SnippetEncoder,
    grouping: SnippetGrouping = .frames, scaledTo scaling: VideoScaling? = nil, threads: Int = 1,
    progress: ((Double) throws -> Void)? = nil
  ) throws -> SnippetFeatures {
    let reader = try VideoReader(
      path: path, view: view, scaledTo: scaling ?? encoder.preferredScaling, threads: threads)
    var source = SnippetFrameSource(reader: reader, grouping: grouping)
    var scalars = [[Float]](repeating: [], count: encoder.crops.count)
    var count = 0
    var previous: RGBImage?
    let needsAll = encoder.frameOffsets == 0..<Snippet.frameCount
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

  /// The frames of the next snippet at `offsets` (of the first snippet all 16); nil at the
  /// end, and where fewer than 16 frames follow the first snippet.
  private static func snippet(
    from source: inout SnippetFrameSource, offsets: Range<Int>, isFirst: Bool
  ) throws -> [RGBImage]? {
    var frames: [RGBImage] = []
    for offset in 0..<Snippet.frameCount {
      // The first snippet is read in full, for a last frame to pad with.
      guard isFirst || offsets.contains(offset) else {
        guard try source.skip() else { return nil }
        continue
      }
      if let frame = try source.next() {
        frames.append(frame)
      } else {
        guard isFirst, let last = frames.last else { return nil }
        return frames + Array(repeating: last, count: Snippet.frameCount - frames.count)
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

/// Which frames form a snippet of 16.
public enum SnippetGrouping: String, Codable, Sendable, CaseIterable {
  /// Every 16 decoded frames, whatever their rate: the rule of the released features, whose
  /// videos have 30 frames per second.
  case frames
  /// 16 ticks of a clock of 30 per second, so that a snippet has the same duration at any frame
  /// rate. Each tick takes the frame shown at its time: slower video repeats frames, faster
  /// video skips some.
  case time

  /// Ticks per second of `time`.
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

/// The frames of a video, tick by tick of `SnippetGrouping`.
struct SnippetFrameSource {
  private let reader: VideoReader
  private let grouping: SnippetGrouping
  private var ticks = 0
  private var firstSeconds: Double?
  private var lastSeconds = 0.0
  /// With `time`: the frame shown now, and the one after it.
  private var shown: VideoFrame?
  private var upcoming: VideoFrame?

  init(reader: VideoReader, grouping: SnippetGrouping) {
    self.reader = reader
    self.grouping = grouping
  }

  /// The number of ticks so far.
  var count: Int { ticks }

  /// The time of the last tick's frame since the first one's.
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

  /// Skips the next tick, without converting its frame where possible; false at the end.
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
