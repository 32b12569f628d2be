import Foundation

/// The entropy of the directions in which neighbouring blocks move over some frames.
enum DirectionEntropy {
  /// The entropy around each block, 0 for one direction and 1 for all alike, and the motion
  /// around it.
  ///
  /// - Parameters:
  ///   - histogram: length of displacement by direction, [bin][block].
  ///   - radius: blocks up to so far away count.
  ///   - share: multiplies the histogram.
  static func ofBlocks(
    _ histogram: [Float], bins: Int, radius: Int, share: Float = 1, grid: SnippetGrid
  ) -> (entropy: [Float], total: [Float]) {
    let size = grid.count
    var smooth = [Float](repeating: 0, count: histogram.count)
    var total = [Float](repeating: 0, count: size)
    var entropy = total
    smooth.withUnsafeMutableBufferPointer { smooth in
      for bin in 0..<bins {
        grid.smooth(histogram, from: bin &* size, radius: radius, scale: share, into: smooth)
        for block in 0..<size { total[block] += smooth[bin &* size &+ block] }
      }
      // Two tenths of a pixel in all are as good as no motion.
      let scales = total.map { 1 / ($0 + 0.2) }
      for bin in 0..<bins {
        for block in 0..<size {
          let part = smooth[bin &* size &+ block] * scales[block]
          if part > 1e-6 { entropy[block] -= part * log(part) }
        }
      }
    }
    let unit = 1 / log(Float(bins))
    for block in entropy.indices { entropy[block] *= unit }
    return (entropy, total)
  }

  /// The bin of a direction, the nearest of `bins` from east over south.
  static func bin(turn: Float, of bins: Int) -> Int { Int(turn * Float(bins) + 0.5) % bins }

  /// A displacement's direction, 0..<1 from east over south; 0 where there is none.
  static func turn(dx: Float, dy: Float) -> Float {
    guard dx != 0 || dy != 0 else { return 0 }
    let turn = atan2(dy, dx) / (2 * Float.pi)
    return turn < 0 ? min(turn + 1, 0.999_999_9) : turn
  }
}

/// The directions in which the blocks of a video moved in the last moments.
struct DirectionWindow: Sendable {
  /// How far back it looks: 16 frames of 25 a second, as in the snippet descriptor.
  static let seconds = 0.64
  private static let bins = 8
  /// Adds stillness, in blocks times pixels: little motion is no disorder.
  private static let floor: Float = 5

  private var steps: [(seconds: Double, bins: [UInt8], lengths: [Float])] = []

  /// Adds the displacements that end at a time, and their lengths.
  mutating func add(
    _ displacements: [(dx: Float, dy: Float)], lengths: [Float], at seconds: Double
  ) {
    let bins = displacements.map {
      UInt8(
        DirectionEntropy.bin(
          turn: DirectionEntropy.turn(dx: $0.dx, dy: $0.dy), of: Self.bins))
    }
    steps.append((seconds, bins, lengths))
    steps.removeAll { seconds - $0.seconds >= Self.seconds - 1e-6 }
  }

  /// The mean entropy of the blocks, weighted by their motion, from 0 to 1.
  func entropy(_ grid: SnippetGrid) -> Float {
    var histogram = [Float](repeating: 0, count: Self.bins * grid.count)
    for step in steps {
      for block in 0..<grid.count where step.lengths[block] > 0 {
        histogram[Int(step.bins[block]) * grid.count + block] += step.lengths[block]
      }
    }
    let (entropy, total) = DirectionEntropy.ofBlocks(
      histogram, bins: Self.bins, radius: 1, grid: grid)
    return zip(entropy, total).reduce(0) { $0 + $1.0 * $1.1 }
      / (total.reduce(0, +) + Self.floor)
  }
}
