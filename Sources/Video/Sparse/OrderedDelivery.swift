import Foundation
import Records

/// Delivers the results of numbered jobs, which run on several threads, to one caller: the
/// jobs in order, and the results of each job as it makes them.
///
/// Results wait in memory up to a budget. A thread ahead of the caller then waits, so that
/// the caller sets the pace.
final class OrderedDelivery<Element: Sendable>: @unchecked Sendable {
  // All variables are guarded by the condition's lock.
  private let condition = NSCondition()
  private var waiting: [Int: [Element]] = [:]
  private var finished: Set<Int> = []
  private var failure: (any Error)?
  private var nextJob = 0
  private var delivering = 0
  private var waitingBytes = 0
  private var isCancelled = false

  private let jobCount: Int
  private let budgetBytes: Int
  private let bytes: @Sendable (Element) -> Int

  /// Thrown into a job when the caller needs no more results.
  private struct Cancelled: Error {}

  /// - Parameters:
  ///   - budgetBytes: The limit for waiting results, in bytes.
  ///   - bytes: The size of a result.
  init(jobCount: Int, budgetBytes: Int, bytes: @escaping @Sendable (Element) -> Int) {
    self.jobCount = jobCount
    self.budgetBytes = budgetBytes
    self.bytes = bytes
  }

  /// Runs `worker` on threads of their own until all jobs are done or one fails.
  ///
  /// - Parameters:
  ///   - worker: Claims jobs, pushes their results and finishes them.
  ///   - body: Receives the results on the caller's thread.
  /// - Throws: The first error of a worker or of `body`, after all threads ended.
  func run(
    threads: Int, worker: @escaping @Sendable (OrderedDelivery) throws -> Void,
    body: (Element) throws -> Void
  ) throws {
    let workers = (0..<threads).map { _ in
      BackgroundWork { [self] in do { try worker(self) } catch { fail(error) } }
    }
    defer { for worker in workers { worker.wait() } }
    do {
      while let batch = try nextBatch() {
        for element in batch { try body(element) }
      }
    } catch {
      fail(error)
      throw error
    }
  }

  /// The next job for a worker; nil if none is left.
  func claim() -> Int? {
    condition.withLock {
      guard !isCancelled, nextJob < jobCount else { return nil }
      defer { nextJob += 1 }
      return nextJob
    }
  }

  /// Adds a result of a claimed job. Waits while the budget is exhausted.
  ///
  /// - Throws: An error that ends the worker if the caller stopped.
  func push(_ element: Element, of job: Int) throws {
    condition.lock()
    defer { condition.unlock() }
    while !isCancelled, waitingBytes >= budgetBytes,
      job != delivering || waiting[job]?.isEmpty == false
    {
      condition.wait()
    }
    guard !isCancelled else { throw Cancelled() }
    waiting[job, default: []].append(element)
    waitingBytes += bytes(element)
    condition.broadcast()
  }

  /// Marks a job as complete.
  func finish(_ job: Int) {
    condition.withLock {
      finished.insert(job)
      condition.broadcast()
    }
  }

  private func fail(_ error: any Error) {
    condition.withLock {
      if failure == nil, !(error is Cancelled) { failure = error }
      isCancelled = true
      condition.broadcast()
    }
  }

  /// The waiting results of the current job; nil after the last job.
  private func nextBatch() throws -> [Element]? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let failure { throw failure }
      if delivering == jobCount { return nil }
      if let batch = waiting.removeValue(forKey: delivering), !batch.isEmpty {
        waitingBytes -= batch.reduce(0) { $0 + bytes($1) }
        condition.broadcast()
        return batch
      }
      if finished.remove(delivering) != nil {
        delivering += 1
        condition.broadcast()
        continue
      }
      condition.wait()
    }
  }
}
