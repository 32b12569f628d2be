import CKernels
import COpenBLAS
import Synchronization

/// What computes matrix products, for callers that give each product one thread.
public enum ProductLibrary: String, Codable, Sendable, CaseIterable {
  case oneDNN = "onednn"
  case openBLAS = "openblas"
  /// Our own products: both sides rounded to bfloat16, sums in single precision. Products of
  /// fewer than 16 rows, columns or numbers to add up are the faster library's.
  case bf16

  /// Those that compute in single precision.
  public static let singlePrecision: [ProductLibrary] = [.oneDNN, .openBLAS]

  /// Those that this processor has the instructions for.
  public static var runnable: [ProductLibrary] {
    canRoundToBF16 ? allCases : singlePrecision
  }

  /// Whether the processor multiplies bfloat16 numbers: AVX-512 BF16.
  public static let canRoundToBF16 =
    CPUFeatures.current.runsAVX512Kernels && CPUFeatures.current.has(.avx512BF16)

  /// The faster one in single precision at a product of training on this machine: 256 snippets,
  /// 512 to 512 features. Measured once a process, for some 30 ms.
  public static let fastest: ProductLibrary = {
    guard OneDNN.isFast else { return .openBLAS }
    return trial.max { $0.value < $1.value }?.key ?? .oneDNN
  }()

  /// What the trial found, in operations a second.
  public static let trial: [ProductLibrary: Double] = {
    // In turns, and the fastest of each: what else the machine does slows both alike, so that
    // the choice, and with it a run's bits, does not depend on it.
    var rates: [ProductLibrary: Double] = [:]
    for _ in 0..<24 {
      for library in singlePrecision {
        library.alone {
          MatrixThreads.withOneThread {
            let rate =
              library.rates(rows: 256, inner: 512, columns: 512, transposeB: true, for: .zero).best
            rates[library] = max(rates[library] ?? 0, rate)
          }
        }
      }
    }
    return rates
  }()

  /// Operations a second of one product again and again, with the threads that the caller set:
  /// over the time as a whole, and of the fastest; at least one.
  package func rates(
    rows: Int, inner: Int, columns: Int, transposeA: Bool = false, transposeB: Bool = false,
    adds: Bool = false, for duration: Duration
  ) -> (mean: Double, best: Double) {
    let a = [Float](repeating: 0.5, count: rows * inner)
    let b = [Float](repeating: 0.25, count: inner * columns)
    var c = [Float](repeating: 0, count: rows * columns)
    let operations = Double(2 * rows * inner * columns)
    let start = ContinuousClock.now
    var (count, last, least) = (0, start, Duration.seconds(1))
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          repeat {
            multiply(
              transposeA: transposeA, transposeB: transposeB, m: rows, n: columns, k: inner,
              alpha: 1, a: a, lda: transposeA ? rows : inner, b: b,
              ldb: transposeB ? inner : columns, beta: adds ? 1 : 0, c: c, ldc: columns)
            let now = ContinuousClock.now
            least = min(least, now - last)
            (count, last) = (count + 1, now)
          } while last - start < duration
        }
      }
    }
    return (
      operations * Double(count) / ((last - start) / .seconds(1)),
      operations / (least / .seconds(1))
    )
  }

  /// C ← alpha·op(A)·op(B) + beta·C, row-major, as cblas_sgemm. What oneDNN does not support
  /// is OpenBLAS's.
  ///
  /// - Precondition: a beta of 0 or 1 for `bf16`, and a processor that has it.
  package func multiply(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    if self == .bf16 {
      guard min(m, n, k) >= 16 else {
        return Self.fastest.multiply(
          transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a,
          lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc)
      }
      precondition(Self.canRoundToBF16 && (beta == 0 || beta == 1))
      return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: kess_bf16_scratch(m, k)) {
        guard let scratch = $0.baseAddress else { return }
        kess_bf16_multiply(
          transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, alpha, a, lda, b, ldb,
          beta == 0 ? 0 : 1, c, ldc, scratch)
      }
    }
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
    guard self == .openBLAS || self == .bf16 && Self.fastest == .openBLAS else { return body() }
    openblas_set_num_threads(1)
    defer { openblas_set_num_threads(Int32(MatrixThreads.count)) }
    body()
  }
}
