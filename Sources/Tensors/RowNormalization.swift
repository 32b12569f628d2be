import CKernels

/// Layer normalisation over rows of 32-bit floats.
public enum RowNormalization {
  /// Writes (x − mean) / √(variance + epsilon) · weight + bias of each row of
  /// `width` elements; `output` may be `input`. The variance is the biased one,
  /// about the mean of the row.
  public static func apply(
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

  /// In eight lanes, which is both faster and more exact than one running sum.
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
