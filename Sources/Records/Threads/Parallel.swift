import Foundation
import Synchronization

/// Work on many items by several threads at once.
///
/// The threads are their own, not those of a pool: work that blocks (decoding, encoding,
/// waiting for another thread) could otherwise take the last thread from what it waits for.
public enum Parallel {
  /// How many cores there are to use.
  public static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// How many threads each item may use where `jobs` items are worked on at once: one
  /// item alone gets all cores.
  package static func threadsPerItem(jobs: Int, items: Int) -> Int {
    max(1, cores / max(1, min(jobs, items)))
  }

  /// The results in the order of the items, whatever the number of jobs; nil for items
  /// that had not begun when `isStopped` became true.
  ///
  /// - Parameters:
  ///   - jobs: how many threads.
  ///   - isStopped: asked before each item.
  ///   - body: the work on one item; it catches its own failures.
  package static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until isStopped: @escaping @Sendable () -> Bool,
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    let shared = Mutex((next: 0, results: [Result?](repeating: nil, count: items.count)))
    let work: @Sendable () -> Void = {
      while !isStopped() {
        let index = shared.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard index < items.count else { return }
        let result = body(items[index])
        shared.withLock { $0.results[index] = result }
      }
    }
    let threads = (0..<max(1, min(jobs, items.count))).map { _ in BackgroundWork(work) }
    for thread in threads { thread.wait() }
    return shared.withLock { $0.results }
  }

  /// The results in the order of the items. After a failure no other item begins.
  ///
  /// - Throws: what `body` threw for the first item, in their order, that failed.
  package static func map<Item: Sendable, Result: Sendable, Failure: Error>(
    _ items: [Item], jobs: Int,
    _ body: @escaping @Sendable (Item) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    let failed = Mutex(false)
    let hasFailed: @Sendable () -> Bool = { failed.withLock { $0 } }
    let outcomes = map(items, jobs: jobs, until: hasFailed) { item in
      let outcome = Swift.Result { () throws(Failure) in try body(item) }
      if case .failure = outcome { failed.withLock { $0 = true } }
      return outcome
    }
    // Items begin in order: whatever precedes a failure has an outcome.
    var results: [Result] = []
    for case let outcome? in outcomes { results.append(try outcome.get()) }
    return results
  }
}

/// Work that runs on a thread of its own while its owner goes on.
package final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Outcome()

  private final class Outcome: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let ended = DispatchGroup()
  }

  /// Begins at once.
  package init(_ body: @escaping @Sendable () throws -> Value) {
    outcome.ended.enter()
    let thread = Thread { [outcome] in
      let result = Result { try body() }
      outcome.result.withLock { $0 = result }
      outcome.ended.leave()
    }
    // Codecs keep large buffers on the stack.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Blocks until the work has ended.
  package func wait() { outcome.ended.wait() }

  /// The work's result; blocks until it has ended.
  ///
  /// - Throws: what the work threw.
  package func value() throws -> Value {
    wait()
    guard let result = outcome.result.withLock({ $0 }) else {
      preconditionFailure("work that ended has an outcome")
    }
    return try result.get()
  }
}
