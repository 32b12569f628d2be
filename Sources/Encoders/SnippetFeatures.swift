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
