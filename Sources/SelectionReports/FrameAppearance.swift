import Video

/// The built-in look of a frame, for visual redundancy where no encoder is at
/// work: the mean colour of 16 x 12 equal blocks, three numbers a block in 0...255.
public struct FrameAppearance: Codable, Sendable, Equatable {
  /// The name that records give.
  public static let name = "block-colours-16x12-v1"
  private static let columns = 16
  private static let rows = 12

  /// 576 samples, rows from the top, red, green and blue of each block.
  public var samples: [UInt8]

  /// The look of a picture.
  public init(_ image: RGBImage) {
    samples = image.resized(width: Self.columns, height: Self.rows).pixels
  }

  public init(samples: [UInt8]) {
    self.samples = samples
  }

  /// Vectors whose cosines compare the frames of one video: each frame's
  /// difference from the mean of all, and one constant component.
  ///
  /// A fixed camera gives all frames the same background; without the mean all
  /// cosines would be near 1. The constant stands for a difference of 2 grey levels
  /// in every sample: frames that differ from the mean by no more than sensor noise
  /// have cosine near 1 with each other, not near 0.
  public static func vectors(of frames: [FrameAppearance]) -> [[Float]] {
    guard let width = frames.first?.samples.count else { return [] }
    var mean = [Double](repeating: 0, count: width)
    for frame in frames {
      for place in mean.indices { mean[place] += Double(frame.samples[place]) }
    }
    for place in mean.indices { mean[place] /= Double(frames.count) }
    let constant = Float(2 * Double(width).squareRoot())
    return frames.map { frame in
      zip(frame.samples, mean).map { Float(Double($0) - $1) } + [constant]
    }
  }
}
