import Foundation
import Tensors

/// e to the x: the C library's for `Double`; for `Float` a polynomial that the
/// compiler turns into vector code (relative error below 2e-7; results stay in
/// [e^-87, e^88], so that nothing overflows).
@inline(__always)
func exponential<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  if Scalar.self == Float.self {
    // The types were just compared, so the bits are of the same type.
    return unsafeBitCast(exponential(unsafeBitCast(x, to: Float.self)), to: Scalar.self)
  }
  return Scalar.exponential(x)
}

/// Cephes' expf: 2^n times a polynomial in the remainder, |r| <= ln(2)/2. Adding
/// and subtracting 1.5·2^23 rounds to the nearest integer n.
@inline(__always)
private func exponential(_ x: Float) -> Float {
  let clamped = min(max(x, -87), 88)
  let shifted = clamped * 1.442_695_04 + 12_582_912
  let n = shifted - 12_582_912
  let r = (clamped - n * 0.693_359_375) + n * 2.121_944_40e-4
  var p: Float = 1.987_569_15e-4
  p = p * r + 1.398_199_950_7e-3
  p = p * r + 8.333_451_907_3e-3
  p = p * r + 4.166_579_589_4e-2
  p = p * r + 1.666_666_545_9e-1
  p = p * r + 5.000_000_120_1e-1
  p = p * r * r + r + 1
  return p * Float(bitPattern: (shifted.bitPattern &+ 127) << 23)
}

/// 1 / (1 + e^-x).
@inline(__always)
func logistic<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { 1 / (1 + exponential(-x)) }

/// The Gauss error function, as the C library computes it in double precision.
@inline(__always)
func errorFunction<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
  Scalar(Foundation.erf(Double(x)))
}
