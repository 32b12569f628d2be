import CKernels
import Foundation

/// Softmax over rows of 32-bit floats in place.
public enum RowSoftmax {
  /// Turns each of `rows` rows of `width` elements, `stride` apart, into
  /// exp(scale·x − max) / sum. With `isCausal`, row r keeps its first r + 1
  /// elements and the others become 0.
  public static func apply(
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
