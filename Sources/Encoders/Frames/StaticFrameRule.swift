import Video

/// When a frame counts as unchanged, so that it reuses the embedding of the last encoded
/// frame.
///
/// The encoder's input is cut into blocks of 16x16 pixels; a frame is unchanged where no
/// block's mean absolute difference of the samples exceeds the limit. It is compared with the
/// last encoded frame, not with the previous one, so that a slow drift adds up until it is
/// detected. Every few seconds a frame is encoded in any case.
public struct StaticFrameRule: Codable, Sendable, Equatable {
  /// The side of a block in pixels of the encoder's input.
  public static let blockSide = 16

  /// The limit, in steps of the 0...255 of a sample.
  ///
  /// The default is 2: the compression's differences between two frames of a still scene are
  /// below it, the changes of a new key frame of the stream are above.
  public var greatestBlockDifference: Double
  /// The longest time for which an embedding is reused.
  public var forcedSeconds: Double

  public init(greatestBlockDifference: Double = 2, forcedSeconds: Double = 10) {
    self.greatestBlockDifference = greatestBlockDifference
    self.forcedSeconds = forcedSeconds
  }

  /// Whether `picture` may have the embedding of `encoded`, both prepared for the encoder;
  /// false for pictures of different sizes.
  public func isUnchanged(
    _ picture: RGBImage, since encoded: RGBImage, elapsedSeconds: Double
  ) -> Bool {
    guard elapsedSeconds < forcedSeconds,
      let difference = Self.greatestBlockDifference(picture, encoded)
    else { return false }
    return difference <= greatestBlockDifference
  }

  /// The greatest mean absolute difference of a block (blocks at the right and lower edge may
  /// be smaller); nil for pictures of different sizes.
  public static func greatestBlockDifference(_ first: RGBImage, _ second: RGBImage) -> Double? {
    guard first.width == second.width, first.height == second.height else { return nil }
    let columns = (first.width + blockSide - 1) / blockSide
    var greatest = 0.0
    first.pixels.withUnsafeBufferPointer { one in
      second.pixels.withUnsafeBufferPointer { other in
        var sums = [Int](repeating: 0, count: columns)
        for top in stride(from: 0, to: first.height, by: blockSide) {
          let bottom = min(top + blockSide, first.height)
          for column in 0..<columns { sums[column] = 0 }
          for y in top..<bottom {
            for column in 0..<columns {
              let start = (y * first.width + column * blockSide) * 3
              let end = (y * first.width + min((column + 1) * blockSide, first.width)) * 3
              var sum = 0
              for place in start..<end { sum += abs(Int(one[place]) - Int(other[place])) }
              sums[column] += sum
            }
          }
          for column in 0..<columns {
            let width = min(blockSide, first.width - column * blockSide)
            let mean = Double(sums[column]) / Double(width * (bottom - top) * 3)
            greatest = max(greatest, mean)
          }
        }
      }
    }
    return greatest
  }
}
