import COpenBLAS
import Foundation
import Synchronization

extension Tensor {
  /// op(self)·op(other) for matrices: [m, k] by [k, n] is [m, n]; an operand marked as
  /// transposed is stored with its axes exchanged.
  ///
  /// - Precondition: both have rank 2 and the inner extents agree.
  public func matrixMultiplied(
    by other: Tensor, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Tensor {
    precondition(rank == 2 && other.rank == 2, "matrices needed, got \(shape) and \(other.shape)")
    let m = shape[transposed ? 1 : 0]
    let k = shape[transposed ? 0 : 1]
    let n = other.shape[otherTransposed ? 0 : 1]
    precondition(
      k == other.shape[otherTransposed ? 1 : 0],
      "inner extents differ: \(shape) by \(other.shape)")
    guard m > 0, n > 0, k > 0 else { return Tensor(shape: [m, n]) }
    return Tensor(shape: [m, n]) { c in
      scalars.withUnsafeBufferPointer { a in
        other.scalars.withUnsafeBufferPointer { b in
          // The counts were just checked to be positive, so no base is nil.
          Scalar.gemm(
            transposeA: transposed, transposeB: otherTransposed, m: m, n: n, k: k, alpha: 1,
            a: a.baseAddress!, lda: shape[1], b: b.baseAddress!, ldb: other.shape[1], beta: 0,
            c: c.baseAddress!, ldc: n)
        }
      }
    }
  }
}

/// The loaded library behind the matrix products.
package enum MatrixLibrary {
  /// `OpenBLAS 0.3.21 ...`: version and build.
  package static var configuration: String {
    openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
  }

  /// The processor whose kernels it chose: `SkylakeX`, `Haswell`, ...
  package static var kernels: String {
    openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }

  /// The kernels behind the linear layers of an arithmetic on this processor:
  /// `oneDNN 2.6.3, avx512_vnni`.
  package static func kernels(of arithmetic: LinearArithmetic) -> String {
    let processor = CPUFeatures.current
    func widest(_ features: [CPUFeatures.Feature]) -> String {
      features.first { processor.has($0) }?.rawValue ?? "no extension"
    }
    return switch arithmetic {
    case .f32 where OneDNN.isFast:
      "oneDNN \(OneDNN.version), \(widest([.avx512f, .avx2]))"
    case .f32: "OpenBLAS, \(kernels)"
    case .bf16: "oneDNN \(OneDNN.version), \(widest([.amxBF16, .avx512BF16]))"
    case .f16: "own kernel, \(widest([.avx512FP16]))"
    case .int8 where processor.has(.amxInt8): "oneDNN \(OneDNN.version), \(widest([.amxInt8]))"
    case .int8: "own kernel, \(widest([.avx512VNNI]))"
    }
  }
}

/// How many threads the matrix work of one caller may use: the one setting for OpenBLAS,
/// oneDNN and the encoders' own workers. The number of concurrent callers times these
/// threads should not exceed the cores.
public enum MatrixThreads {
  private static let setting = Atomic<Int>(0)

  /// The number that `set` got last; before that the number of cores.
  public static var count: Int {
    let count = setting.load(ordering: .relaxed)
    return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
  }

  public static func set(_ count: Int) {
    setting.store(max(1, count), ordering: .relaxed)
    openblas_set_num_threads(Int32(max(1, count)))
  }

  /// Cuts `0..<count` into one range per worker and calls `body` with all ranges
  /// concurrently, on at most `MatrixThreads.count` threads. A worker's own products may
  /// use `threads` threads. Returns when all workers have ended.
  ///
  /// Whole items per worker, without a barrier between the layers of a model, are faster
  /// than threads within each product: a ViT-B/16 has 150 products per picture.
  ///
  /// - Throws: The error of the first worker that failed.
  public static func divide<Failure: Error>(
    _ count: Int, _ body: @Sendable (_ items: Range<Int>, _ threads: Int) throws(Failure) -> Void
  ) throws(Failure) {
    let workers = max(1, min(self.count, count))
    let threads = max(1, self.count / workers)
    let failure = Mutex<Failure?>(nil)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      do throws(Failure) {
        try body(count * worker / workers..<count * (worker + 1) / workers, threads)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Runs `body` with single-threaded products on the calling thread: for workers of
  /// `divide` that share the cores among themselves.
  package static func withOneThread<Result>(_ body: () -> Result) -> Result {
    OneDNN.withThreads(1, body)
  }

  /// The results of work on each item, in the order of the items, by `divide`'s threads.
  ///
  /// - Throws: The error of the first worker that failed.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: @Sendable (Item) throws -> Result
  ) throws -> [Result] {
    let parts = Mutex<[Int: [Result]]>([:])
    try divide(items.count) { range, _ in
      guard !range.isEmpty else { return }
      let part = try items[range].map(body)
      parts.withLock { $0[range.lowerBound] = part }
    }
    return parts.withLock { parts in parts.sorted { $0.key < $1.key }.flatMap(\.value) }
  }
}
