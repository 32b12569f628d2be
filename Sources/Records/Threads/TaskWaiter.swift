import Dispatch
import Foundation
import Synchronization

/// Lets a thread wait for async work.
///
/// The work does not run on the threads of Swift's cooperative pool: the thread that
/// waits may be one of these, and on a machine with one core there is no other.
package final class TaskWaiter: TaskExecutor {
  private let queue: DispatchQueue

  /// - Parameter name: the name of the work's threads, for debuggers.
  package init(name: String) {
    queue = DispatchQueue(label: name, attributes: .concurrent)
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Runs `work` and blocks the calling thread until it ends.
  ///
  /// - Throws: what `work` throws.
  package func wait<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws
    -> Value
  {
    let outcome = Outcome<Value>()
    let ended = DispatchSemaphore(value: 0)
    Task(executorPreference: self) {
      do {
        outcome.set(.success(try await work()))
      } catch {
        outcome.set(.failure(error))
      }
      ended.signal()
    }
    ended.wait()
    return try outcome.get()
  }

  /// Waits for a time on a thread of its own queue: `Task.sleep` wakes on the
  /// cooperative pool.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func sleep(seconds: Double) async throws {
    let pause = SingleResume<Void>()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard pause.begin(continuation) else { return }
        queue.asyncAfter(deadline: .now() + seconds) { pause.end(.success(())) }
      }
    } onCancel: {
      pause.end(.failure(CancellationError()))
    }
  }

  /// The result of the work: set once, read after that.
  private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>>(.failure(CancellationError()))
    func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
    func get() throws -> Value { try result.withLock { $0 }.get() }
  }
}
