import Foundation
import Records
import Synchronization

/// Processes items in parallel on dedicated threads, because decoding and encoding block and
/// must not occupy the cooperative thread pool.
public enum VideoWorkers {
  /// The number of threads for each video when `jobs` videos are processed at once. A single
  /// video gets all cores.
  public static func threads(jobs: Int, videos: Int) -> Int {
    max(1, defaultJobs / max(1, min(jobs, videos)))
  }

  /// Processes all items.
  ///
  /// - Parameters:
  ///   - jobs: the greatest number of threads.
  ///   - stop: no further item starts once it is requested.
  ///   - body: processes one item and handles its own failures.
  /// - Returns: the results in the order of the items; nil for items that a stop kept from
  ///   starting.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until stop: StopSignal = StopSignal(),
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    let width = max(1, min(jobs, items.count))
    let shared = Mutex((next: 0, results: [Result?](repeating: nil, count: items.count)))
    WorkThreads(width) {
      while !stop.isRequested {
        let index = shared.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard index < items.count else { return }
        let result = body(items[index])
        shared.withLock { $0.results[index] = result }
      }
    }.wait()
    return shared.withLock { $0.results }
  }

  /// The number of cores.
  public static var defaultJobs: Int { ProcessInfo.processInfo.activeProcessorCount }
}
