/// The grid of a picture's blocks: sums over neighbourhoods of blocks.
struct SnippetGrid {
  let columns: Int
  let rows: Int

  var count: Int { columns * rows }

  /// The mean over the square of blocks up to `radius` away, the border repeated.
  func smoothed(_ values: [Float], radius: Int) -> [Float] {
    guard radius > 0 else { return values }
    return [Float](unsafeUninitializedCapacity: count) { target, filled in
      smooth(values, from: 0, radius: radius, scale: 1, into: target)
      filled = count
    }
  }

  /// The same for `count` values from a place on, times `scale`, to the same place of a target.
  func smooth(
    _ values: [Float], from first: Int, radius: Int, scale: Float,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let width = columns &+ 2 &* radius
    let scale = scale / Float((2 * radius + 1) * (2 * radius + 1))
    values.withUnsafeBufferPointer { source in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width &+ count) { scratch in
        let line = scratch.baseAddress.unsafelyUnwrapped
        let across = line + width
        let result = target.baseAddress.unsafelyUnwrapped + first
        for row in 0..<rows {
          let start = row &* columns
          let values = source.baseAddress.unsafelyUnwrapped + first + start
          for place in 0..<radius {
            line[place] = values[0]
            line[radius &+ columns &+ place] = values[columns &- 1]
          }
          for column in 0..<columns {
            line[radius &+ column] = values[column]
          }
          for column in 0..<columns {
            var sum = line[column]
            for shift in 1...(2 &* radius) { sum += line[column &+ shift] }
            across[start &+ column] = sum
          }
        }
        for row in 0..<rows {
          let start = row &* columns
          for column in 0..<columns { result[start &+ column] = 0 }
          for shift in -radius...radius {
            let other = min(max(row &+ shift, 0), rows &- 1) &* columns
            for column in 0..<columns { result[start &+ column] += across[other &+ column] }
          }
          for column in 0..<columns { result[start &+ column] *= scale }
        }
      }
    }
  }

  /// The number of blocks that is a part of all, at least one.
  func part(_ divisor: Int) -> Int { max(1, count / divisor) }

  /// The mean of the greatest values: of one block in `divisor`.
  func top(_ sorted: [Float], _ divisor: Int) -> Float {
    let part = part(divisor)
    return sorted[0..<part].reduce(0, +) / Float(part)
  }
}
