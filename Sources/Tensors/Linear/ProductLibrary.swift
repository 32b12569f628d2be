import COpenBLAS
import Synchronization

/// A library of matrix products, for callers that give each product one thread.
public enum ProductLibrary: String, Codable, Sendable, CaseIterable {
  case oneDNN = "onednn"
  case openBLAS = "openblas"

  /// The faster of the two at a product of training on this machine: 256 snippets, 512 to 512
  /// features. Measured once a process, for some 30 ms.
  public static let fastest: ProductLibrary = {
    guard OneDNN.isFast else { return .openBLAS }
    return trial.max { $0.value < $1.value }?.key ?? .oneDNN
  }()

  /// What the trial found, in operations a second.
  public static let trial: [ProductLibrary: Double] = {
    let (rows, width) = (256, 512)
    let a = [Float](repeating: 0.5, count: rows * width)
    let b = [Float](repeating: 0.25, count: width * width)
    var c = [Float](repeating: 0, count: rows * width)
    var rates: [ProductLibrary: Double] = [:]
    for library in allCases {
      library.alone {
        MatrixThreads.withOneThread {
          var best = Duration.seconds(1)
          for _ in 0..<8 {
            let start = ContinuousClock.now
            a.withUnsafeBufferPointer { a in
              b.withUnsafeBufferPointer { b in
                c.withUnsafeMutableBufferPointer { c in
                  guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else {
                    return
                  }
                  library.multiply(
                    transposeA: false, transposeB: true, m: rows, n: width, k: width, alpha: 1,
                    a: a, lda: width, b: b, ldb: width, beta: 0, c: c, ldc: width)
                }
              }
            }
            best = min(best, ContinuousClock.now - start)
          }
          rates[library] = Double(2 * rows * width * width) / (best / .seconds(1))
        }
      }
    }
    return rates
  }()

  /// C ← alpha·op(A)·op(B) + beta·C, row-major, as cblas_sgemm. What oneDNN does not support
  /// is OpenBLAS's.
  package func multiply(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    if self == .oneDNN,
      OneDNN.multiply(
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

  /// Runs `body`, whose workers call this library with one thread each. OpenBLAS has one
  /// setting for the process.
  package func alone(_ body: () -> Void) {
    guard self == .openBLAS else { return body() }
    openblas_set_num_threads(1)
    defer { openblas_set_num_threads(Int32(MatrixThreads.count)) }
    body()
  }
}
