import COpenBLAS
import Foundation

/// The element types of tensors: `Float` on every fast path, `Double` where
/// gradients are checked. What BLAS does is a requirement, so that generic code
/// calls the right routine without a conversion.
public protocol TensorScalar: BinaryFloatingPoint, Sendable, Codable {
  /// C ← alpha·op(A)·op(B) + beta·C, row-major, as cblas_?gemm.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
    a: UnsafePointer<Self>, lda: Int, b: UnsafePointer<Self>, ldb: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, ldc: Int)
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
}

extension Float: TensorScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    // OpenBLAS knows no processor newer than itself and takes its slowest kernels
    // there (Debian 12's on an AVX-512 machine of 2023: a fifth of oneDNN's speed).
    if OneDNN.multiply(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a,
      lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc)
    {
      return
    }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  @inlinable public static func exponential(_ x: Float) -> Float { exp(x) }
  @inlinable public static func logarithm(_ x: Float) -> Float { log(x) }
}

extension Double: TensorScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafePointer<Double>, lda: Int, b: UnsafePointer<Double>, ldb: Int, beta: Double,
    c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  @inlinable public static func exponential(_ x: Double) -> Double { exp(x) }
  @inlinable public static func logarithm(_ x: Double) -> Double { log(x) }
}
