import CKernels

/// Weighted sums of neighbouring 8-bit samples along one axis of a picture: the two passes
/// of a resampling in fixed point. Weights have 22 fractional bits, sums are rounded to the
/// nearest integer and held within 0...255.
package enum ResamplingPass {
  /// The weighted samples that one sample of the result is the sum of.
  package struct Taps: Sendable, Equatable {
    /// The position of the first weighted sample.
    package var start: Int
    /// One per sample, with 22 fractional bits.
    package var weights: [Int32]

    package init(start: Int, weights: [Int32]) {
      self.start = start
      self.weights = weights
    }
  }

  /// The fractional bits of weights.
  package static let fractionBits: Int32 = 22

  /// Each of the rows `rows` of an RGB picture, [rows, taps.count, 3].
  ///
  /// - Parameters:
  ///   - pixels: [height, width, 3].
  ///   - taps: one per column of the result.
  /// - Precondition: rows and taps lie within the picture.
  package static func alongRows(
    _ pixels: [UInt8], width: Int, rows: Range<Int>, _ taps: [Taps]
  ) -> [UInt8] {
    let height = pixels.count / max(1, width * 3)
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= height, "rows \(rows) of \(height)")
    check(taps, within: width)
    guard runsAVX512Kernels, height > 1, !rows.isEmpty, !taps.isEmpty,
      let most = taps.map(\.weights.count).max()
    else { return alongRowsPortably(pixels, width: width, rows: rows, taps) }
    // In groups of four, the last ones repeated. All get as many weights as the longest;
    // the padding zeros come first where there is no room after.
    let groups = (taps.count + 3) / 4
    var offsets = [Int32](repeating: 0, count: groups * 4)
    var weights = [Int32](repeating: 0, count: groups * most * 16)
    for place in offsets.indices {
      let tap = taps[min(place, taps.count - 1)]
      let start = min(tap.start, width - most)
      offsets[place] = Int32(start * 3)
      for (index, weight) in tap.weights.enumerated() {
        let first = (place / 4 * most + tap.start - start + index) * 16 + place % 4 * 4
        for channel in 0..<3 { weights[first + channel] = weight }
      }
    }
    return [UInt8](unsafeUninitializedCapacity: rows.count * taps.count * 3) { output, count in
      count = rows.count * taps.count * 3
      pixels.withAddress { pixels in
        offsets.withAddress { offsets in
          weights.withAddress { weights in
            kess_resample_rows(
              pixels + rows.lowerBound * width * 3, width * 3, rows.count,
              rows.upperBound == height ? 1 : 0, offsets, weights, most, taps.count,
              output.baseAddress)
          }
        }
      }
    }
  }

  /// The same on any processor: the reference of the C kernel.
  package static func alongRowsPortably(
    _ pixels: [UInt8], width: Int, rows: Range<Int>, _ taps: [Taps]
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: rows.count * taps.count * 3) { output, count in
      count = rows.count * taps.count * 3
      pixels.withUnsafeBufferPointer { pixels in
        for (column, tap) in taps.enumerated() {
          tap.weights.withUnsafeBufferPointer { weights in
            for (line, row) in rows.enumerated() {
              var red: Int32 = 1 << (fractionBits - 1)
              var green = red
              var blue = red
              var source = (row * width + tap.start) * 3
              for index in 0..<weights.count {
                let weight = weights[index]
                red &+= Int32(pixels[source]) &* weight
                green &+= Int32(pixels[source + 1]) &* weight
                blue &+= Int32(pixels[source + 2]) &* weight
                source += 3
              }
              let target = (line * taps.count + column) * 3
              output[target] = rounded(red)
              output[target + 1] = rounded(green)
              output[target + 2] = rounded(blue)
            }
          }
        }
      }
    }
  }

  /// Sums over rows of `line` samples, [taps.count, line].
  ///
  /// - Parameters:
  ///   - samples: [rows, line].
  ///   - taps: one per row of the result.
  /// - Precondition: taps lie within the rows.
  package static func alongColumns(_ samples: [UInt8], line: Int, _ taps: [Taps]) -> [UInt8] {
    check(taps, within: samples.count / max(1, line))
    guard runsAVX512Kernels else { return alongColumnsPortably(samples, line: line, taps) }
    return [UInt8](unsafeUninitializedCapacity: taps.count * line) { output, count in
      count = taps.count * line
      guard let output = output.baseAddress else { return }
      samples.withAddress { samples in
        for (row, tap) in taps.enumerated() {
          tap.weights.withAddress {
            kess_resample_columns(
              samples + tap.start * line, line, $0, tap.weights.count, line, output + row * line)
          }
        }
      }
    }
  }

  /// The same on any processor: the reference of the C kernel.
  package static func alongColumnsPortably(_ samples: [UInt8], line: Int, _ taps: [Taps])
    -> [UInt8]
  {
    var sums = [Int32](repeating: 0, count: line)
    return [UInt8](unsafeUninitializedCapacity: taps.count * line) { output, count in
      count = taps.count * line
      samples.withUnsafeBufferPointer { samples in
        sums.withUnsafeMutableBufferPointer { sums in
          for (row, tap) in taps.enumerated() {
            for index in 0..<line { sums[index] = 1 << (fractionBits - 1) }
            for (offset, weight) in tap.weights.enumerated() {
              let source = (tap.start + offset) * line
              for index in 0..<line { sums[index] &+= Int32(samples[source + index]) &* weight }
            }
            for index in 0..<line { output[row * line + index] = rounded(sums[index]) }
          }
        }
      }
    }
  }

  private static func check(_ taps: [Taps], within count: Int) {
    precondition(
      taps.allSatisfy {
        $0.start >= 0 && !$0.weights.isEmpty && $0.start + $0.weights.count <= count
      }, "taps beyond \(count) samples")
  }

  @inline(__always)
  private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> fractionBits, 0), 255))
  }
}
