import Foundation
import Records
import Synchronization

/// Runs one blocking job an item on threads of its own, a bounded number at a
/// time: decoding and encoding must not sit on the cooperative pool.
public enum VideoWorkers {
  /// The threads that each video gets where `jobs` of them are worked on at once: one
  /// video alone gets all cores.
  public static func threads(jobs: Int, videos: Int) -> Int {
    max(1, defaultJobs / max(1, min(jobs, videos)))
  }

  /// The results in the order of the items, whatever the width; nil for items
  /// that an interruption kept from beginning.
  ///
  /// - Parameters:
  ///   - jobs: how many threads.
  ///   - body: the work on one item; it catches its own failures.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until interruption: Interruption,
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    let width = max(1, min(jobs, items.count))
    let shared = Mutex((next: 0, results: [Result?](repeating: nil, count: items.count)))
    WorkThreads(width) {
      while !interruption.isDraining {
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

  /// As many as there are cores.
  public static var defaultJobs: Int { ProcessInfo.processInfo.activeProcessorCount }
}
