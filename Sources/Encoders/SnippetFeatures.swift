import Tensors
import Video

/// The features of a whole video: one row for each full group of 16 frames.
///
/// As the VadCLIP features that the field uses: n = floor(frames / 16), what is
/// left over is dropped; a video shorter than 16 frames is one snippet, filled
/// up with its last frame.
public struct SnippetFeatures: Sendable {
  /// The frames of one snippet.
  public static let frameCount = 16

  /// [snippets, dimension]
  public var rows: Tensor<Float>
  /// How many frames were decoded, the dropped ones included.
  public var decodedFrameCount: Int
  /// What the decoder had to say, such as damaged packets.
  public var warnings: [String]

  /// Reads a video once from start to end and encodes it snippet by snippet.
  ///
  /// Memory is bounded by 16 frames and the encoder's own, whatever the length.
  /// `progress` gets the number of frames read after each snippet; what it
  /// throws ends the reading.
  ///
  /// - Parameters:
  ///   - scaling: The size at which frames are handed to the encoder; the one it
  ///     prefers where nil.
  ///   - threads: Decoder threads.
  /// - Throws: `VideoError`; `EncoderError.noFrames`; what the encoder throws.
  public static func read(
    path: String, encoder: any SnippetEncoder, scaledTo scaling: VideoScaling? = nil,
    threads: Int = 1, progress: ((Int) throws -> Void)? = nil
  ) throws -> SnippetFeatures {
    let reader = try VideoReader(
      path: path, scaledTo: scaling ?? encoder.preferredScaling, threads: threads)
    let offsets = encoder.frameOffsets
    let needsAll = offsets == 0..<frameCount
    var scalars: [Float] = []
    var count = 0
    var read = 0
    var previous: RGBImage?
    reading: while true {
      var frames: [RGBImage] = []
      for offset in 0..<frameCount {
        // The first snippet is read in full, to have a last frame to fill up with.
        if count == 0 || offsets.contains(offset) {
          guard let frame = try reader.nextFrame() else {
            guard count == 0, let last = frames.last else { break reading }
            frames += Array(repeating: last, count: frameCount - frames.count)
            break
          }
          frames.append(frame.image)
        } else {
          guard try reader.skipFrame() != nil else { break reading }
        }
        read += 1
      }
      scalars += try encoder.encodeSnippet(frames, previous: previous)
      previous = needsAll ? frames.last : nil
      count += 1
      try progress?(read)
    }
    guard count > 0 else { throw EncoderError.noFrames(path: path) }
    return SnippetFeatures(
      rows: Tensor(shape: [count, scalars.count / count], scalars: scalars),
      decodedFrameCount: read, warnings: reader.warnings)
  }

  /// The rows alone, [snippets, dimension].
  public static func extract(
    path: String, encoder: any SnippetEncoder, threads: Int = 1
  ) throws -> Tensor<Float> {
    try read(path: path, encoder: encoder, threads: threads).rows
  }
}
