import Foundation
import Testing

extension Trait where Self == BlockingTests {
  /// For tests that hold their thread for long: arithmetic of seconds, child processes,
  /// semaphores.
  ///
  /// Swift's cooperative pool has one thread per core. Two such tests on a machine of two
  /// cores stop every other test between any two of its awaits, for as long as they last.
  public static var blocking: Self { Self() }
}

/// Runs a test's body and its child tasks on threads apart from Swift's cooperative pool.
public struct BlockingTests: TestTrait, SuiteTrait, TestScoping {
  public var isRecursive: Bool { true }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(BlockingThreads.shared) { try await function() }
  }
}

/// A pool of threads that may block: one per core, so that as many blocking tests run at a time.
public final class BlockingThreads: TaskExecutor, @unchecked Sendable {
  public static let shared = BlockingThreads(
    count: max(2, ProcessInfo.processInfo.activeProcessorCount))

  // `jobs` is only touched while `condition` is locked.
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []

  private init(count: Int) {
    for _ in 0..<count {
      let thread = Thread { [self] in
        Thread.current.threadDictionary[Self.mark] = true
        while true { next().runSynchronously(on: asUnownedTaskExecutor()) }
      }
      // Codecs keep large buffers on the stack.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.withLock { jobs.append(job) }
    condition.signal()
  }

  private func next() -> UnownedJob {
    condition.withLock {
      while jobs.isEmpty { condition.wait() }
      return jobs.removeFirst()
    }
  }

  private static let mark = "kess.blocking"

  /// Whether the calling thread is one of these.
  public static var isCurrent: Bool { Thread.current.threadDictionary[mark] != nil }
}
