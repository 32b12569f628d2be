import CKernels
import Foundation

/// The non-linearities of the encoders' feed-forward layers.
package enum RowActivation: String, Sendable, CaseIterable {
  /// x · sigmoid(1.702 x), CLIP's own.
  case quickGELU = "quick_gelu"
  /// x · Φ(x), by the error function.
  case gelu
  /// max(x, 0).
  case relu

  /// Adds `bias` to each of `rows` rows and applies the function, in place.
  package func apply(
    _ values: UnsafeMutablePointer<Float>, rows: Int, width: Int, bias: UnsafePointer<Float>
  ) {
    for row in 0..<rows {
      let base = values + row * width
      switch self {
      case .quickGELU: Self.applyQuickGELU(base, width, bias)
      case .gelu:
        for index in 0..<width {
          let x = base[index] + bias[index]
          base[index] = 0.5 * x * (1 + erf(x * 0.707_106_77))
        }
      case .relu:
        for index in 0..<width { base[index] = max(base[index] + bias[index], 0) }
      }
    }
  }

  private static func applyQuickGELU(
    _ base: UnsafeMutablePointer<Float>, _ width: Int, _ bias: UnsafePointer<Float>
  ) {
    var index = 0
    while index + 8 <= width {
      let pointer = UnsafeMutableRawPointer(base + index)
      let x =
        pointer.loadUnaligned(as: SIMD8<Float>.self)
        + UnsafeRawPointer(bias + index).loadUnaligned(as: SIMD8<Float>.self)
      pointer.storeBytes(of: x / (1 + vectorExponential(x * -1.702)), as: SIMD8<Float>.self)
      index += 8
    }
    while index < width {
      let x = base[index] + bias[index]
      base[index] = x / (1 + exp(-1.702 * x))
      index += 1
    }
  }
}

/// Layer normalisation over rows of 32-bit floats.
package enum RowNormalization {
  /// Writes (x − mean) / √(variance + epsilon) · weight + bias of each row of `width`
  /// elements; `output` may be `input`. The variance is the biased one.
  package static func apply(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, rows: Int, width: Int,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float
  ) {
    if runsAVX512Kernels {
      kess_normalize_rows(input, output, rows, width, weight, bias, epsilon)
    } else {
      applyPortably(
        input, into: output, rows: rows, width: width, weight: weight, bias: bias,
        epsilon: epsilon)
    }
  }

  /// The same on any processor: the reference of the C kernel.
  package static func applyPortably(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, rows: Int, width: Int,
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>, epsilon: Float
  ) {
    for row in 0..<rows {
      let x = input + row * width
      let y = output + row * width
      let mean = sum(x, width) { $0 } / Float(width)
      let variance = sum(x, width) { ($0 - mean) * ($0 - mean) } / Float(width)
      let factor = 1 / (variance + epsilon).squareRoot()
      for index in 0..<width {
        y[index] = (x[index] - mean) * factor * weight[index] + bias[index]
      }
    }
  }

  /// Sums in eight lanes: faster and more exact than one running sum.
  @inline(__always)
  private static func sum(
    _ x: UnsafePointer<Float>, _ width: Int,
    _ term: (SIMD8<Float>) -> SIMD8<Float>
  ) -> Float {
    var lanes = SIMD8<Float>()
    var index = 0
    while index + 8 <= width {
      lanes += term(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self))
      index += 8
    }
    var total = lanes.sum()
    while index < width {
      total += term(SIMD8(repeating: x[index]))[0]
      index += 1
    }
    return total
  }
}

/// Softmax over rows of 32-bit floats in place.
package enum RowSoftmax {
  /// Turns each of `rows` rows of `width` elements, `stride` apart, into
  /// exp(scale·x − max) / sum. With `isCausal`, row r keeps its first r + 1
  /// elements and the others become 0.
  package static func apply(
    _ values: UnsafeMutablePointer<Float>, rows: Int, width: Int, stride: Int, scale: Float = 1,
    isCausal: Bool = false
  ) {
    if runsAVX512Kernels {
      kess_softmax_rows(values, rows, width, stride, scale, isCausal ? 1 : 0)
    } else {
      applyPortably(
        values, rows: rows, width: width, stride: stride, scale: scale, isCausal: isCausal)
    }
  }

  /// The same on any processor: the reference of the C kernel.
  package static func applyPortably(
    _ values: UnsafeMutablePointer<Float>, rows: Int, width: Int, stride: Int, scale: Float,
    isCausal: Bool
  ) {
    for row in 0..<rows {
      let base = values + row * stride
      let count = isCausal ? min(row + 1, width) : width
      var largest = -Float.infinity
      for index in 0..<count { largest = max(largest, base[index] * scale) }
      var total: Float = 0
      var index = 0
      var totals = SIMD8<Float>()
      while index + 8 <= count {
        let pointer = UnsafeMutableRawPointer(base + index)
        let e = vectorExponential(
          pointer.loadUnaligned(as: SIMD8<Float>.self) * scale - largest)
        pointer.storeBytes(of: e, as: SIMD8<Float>.self)
        totals += e
        index += 8
      }
      total = totals.sum()
      while index < count {
        base[index] = exp(base[index] * scale - largest)
        total += base[index]
        index += 1
      }
      let factor = 1 / total
      for index in 0..<count { base[index] *= factor }
      for index in count..<max(count, width) { base[index] = 0 }
    }
  }
}

/// exp(x) for eight 32-bit floats at once, within 2 units in the last place of
/// the exact value for x in [-87, 88]; clamped to that range outside it.
///
/// The polynomial and the two-part ln 2 are those of Cephes' expf (Moshier,
/// 1992). In Swift, because the C library's exp of one number at a time takes a
/// fifth of an image encoder's run.
@inlinable
package func vectorExponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
  let rounding = SIMD8<Float>(repeating: 12_582_912)
  let clamped = x.clamped(
    lowerBound: SIMD8(repeating: -87.336_54), upperBound: SIMD8(repeating: 88.0))
  let shifted = clamped * 1.442_695_04 + rounding
  let whole = shifted - rounding
  let r = clamped - whole * 0.693_359_375 + whole * 2.121_944_4e-4
  var y = r * 1.987_569_15e-4 + 1.398_199_950_7e-3
  y = y * r + 8.333_451_907_3e-3
  y = y * r + 4.166_579_589_4e-2
  y = y * r + 1.666_666_545_9e-1
  y = y * r + 5.000_000_120_1e-1
  y = y * (r * r) + r + 1
  let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &- 0x4B40_0000 &+ 127
  return y * unsafeBitCast(exponent &<< 23, to: SIMD8<Float>.self)
}
