import Foundation

/// The non-linearities of the encoders' feed-forward layers.
public enum RowActivation: String, Sendable, CaseIterable {
  /// x · sigmoid(1.702 x), CLIP's own.
  case quickGELU = "quick_gelu"
  /// x · Φ(x), by the error function.
  case gelu
  /// max(x, 0).
  case relu

  /// Adds `bias` to each of `rows` rows and applies the function, in place.
  public func apply(
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
