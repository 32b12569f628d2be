import Video

/// When a frame counts as unchanged, so that its embedding is that of the last frame
/// that was encoded.
///
/// The encoder's input is cut into blocks of 16x16 pixels; a frame is unchanged where
/// in no block the mean absolute difference of the samples is more than the bound.
/// It is compared with the last frame that was encoded, not with the one before it,
/// so that a slow drift adds up until it is seen; and every few seconds a frame is
/// encoded whatever it shows.
public struct StaticFrameRule: Codable, Sendable, Equatable {
  /// The side of a block in pixels of the encoder's input.
  public static let blockSide = 16

  /// The bound, in steps of the 0...255 of a sample.
  ///
  /// By itself 2: what compression leaves between two frames of a still scene is
  /// below it, what a new key frame of the stream changes is above.
  public var greatestBlockDifference: Double
  /// The longest time for which an embedding is used again.
  public var forcedSeconds: Double

  public init(greatestBlockDifference: Double = 2, forcedSeconds: Double = 10) {
    self.greatestBlockDifference = greatestBlockDifference
    self.forcedSeconds = forcedSeconds
  }

  /// Whether `picture` may have the embedding of `encoded`, both as the encoder gets
  /// them; pictures of different size never may.
  public func isUnchanged(
    _ picture: RGBImage, since encoded: RGBImage, elapsedSeconds: Double
  ) -> Bool {
    guard elapsedSeconds < forcedSeconds,
      let difference = Self.greatestBlockDifference(picture, encoded)
    else { return false }
    return difference <= greatestBlockDifference
  }

  /// The greatest mean absolute difference of a block, blocks at the right and lower
  /// edge may be smaller; nil for pictures of different size.
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
