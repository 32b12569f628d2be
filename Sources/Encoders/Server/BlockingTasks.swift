import Dispatch
import Foundation
import Synchronization

/// Runs async work for a thread that waits for its end.
///
/// The work's own threads are not those of Swift's cooperative pool: whoever
/// waits may sit on one of these, and on a machine with one core there is no other.
final class BlockingTasks: TaskExecutor {
  private let queue = DispatchQueue(label: "kess-encoder-server", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }

  /// Runs `work` and blocks the calling thread until it ends.
  ///
  /// - Throws: what `work` throws.
  func wait<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws
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
  func sleep(seconds: Double) async throws {
    let pause = Pause()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard pause.begin(continuation) else { return }
        queue.asyncAfter(deadline: .now() + seconds) { pause.end(.success(())) }
      }
    } onCancel: {
      pause.end(.failure(CancellationError()))
    }
  }

  /// What the work came to: set once, read after that.
  private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>>(.failure(CancellationError()))
    func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
    func get() throws -> Value { try result.withLock { $0 }.get() }
  }

  /// One who waits; resumed once, by the clock or by the cancellation.
  private final class Pause: Sendable {
    private struct State {
      var continuation: CheckedContinuation<Void, any Error>?
      var result: Result<Void, any Error>?
    }
    private let state = Mutex(State())

    /// False where the end came first; the continuation is resumed then.
    func begin(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
      let early: Result<Void, any Error>? = state.withLock { state in
        if state.result == nil { state.continuation = continuation }
        return state.result
      }
      if let early { continuation.resume(with: early) }
      return early == nil
    }

    func end(_ result: Result<Void, any Error>) {
      let continuation: CheckedContinuation<Void, any Error>? = state.withLock { state in
        guard state.result == nil else { return nil }
        state.result = result
        return state.continuation
      }
      continuation?.resume(with: result)
    }
  }
}
