import COpenBLAS
import Foundation
import Synchronization

/// How many threads the matrix work of one caller may use: the one setting for
/// OpenBLAS, oneDNN and the encoders' own workers. Callers at once times these
/// threads should not exceed the cores.
public enum MatrixThreads {
  private static let setting = Atomic<Int>(0)

  /// The number that `set` was given last; the number of cores before that.
  public static var count: Int {
    let count = setting.load(ordering: .relaxed)
    return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
  }

  public static func set(_ count: Int) {
    setting.store(max(1, count), ordering: .relaxed)
    openblas_set_num_threads(Int32(max(1, count)))
  }

  /// Cuts `0..<count` into one range a worker and calls `body` with each, at once,
  /// on at most `MatrixThreads.count` threads. A worker's own products may use
  /// `threads` threads. Returns when all are done.
  ///
  /// Whole items a worker, and no barrier between the layers of a model, is faster
  /// than threads within each product: a ViT-B/16 has 150 products a picture.
  ///
  /// - Throws: What the first worker that failed threw.
  public static func divide(
    _ count: Int, _ body: @Sendable (_ items: Range<Int>, _ threads: Int) throws -> Void
  ) throws {
    let workers = max(1, min(self.count, count))
    let threads = max(1, self.count / workers)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      do {
        try body(count * worker / workers..<count * (worker + 1) / workers, threads)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// The results of work on each item, in the order of the items, by `divide`'s threads.
  ///
  /// - Throws: What the first worker that failed threw.
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
