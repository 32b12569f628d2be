import Foundation
import Synchronization

/// Lets async code wait for work that blocks (decoding, SQLite), which runs on threads of
/// its own, a bounded number at once: the threads of async code stay free.
package final class BlockingWork: Sendable {
  private let queue: OperationQueue

  /// - Parameter width: how many pieces of work run at once.
  package init(width: Int) {
    queue = OperationQueue()
    queue.maxConcurrentOperationCount = max(1, width)
  }

  /// Runs `body` and waits for it without blocking. When the task is cancelled, it
  /// waits no longer: work that has begun runs to its end, and its result is dropped.
  ///
  /// - Throws: what `body` throws, or `CancellationError`.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
    -> Value
  {
    let waiting = SingleResume<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard waiting.begin(continuation) else { return }
        queue.addOperation {
          guard waiting.isOpen else { return }
          waiting.end(Result(catching: body))
        }
      }
    } onCancel: {
      waiting.end(.failure(CancellationError()))
    }
  }

  /// The same for work that is waited for even when the task is cancelled.
  package func runToEnd<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value)
    async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.addOperation { continuation.resume(with: Result(catching: body)) }
    }
  }
}

/// A continuation that several may end, at any time: the first one resumes it, even one
/// that comes before the continuation is there.
final class SingleResume<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value, any Error>?
    var result: Result<Value, any Error>?
  }
  private let state = Mutex(State())

  /// Whether it has not ended yet.
  var isOpen: Bool { state.withLock { $0.result == nil } }

  /// Stores the continuation. False where the end came first; the continuation is
  /// resumed then.
  func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
    let early: Result<Value, any Error>? = state.withLock { state in
      if state.result == nil { state.continuation = continuation }
      return state.result
    }
    if let early { continuation.resume(with: early) }
    return early == nil
  }

  func end(_ result: Result<Value, any Error>) {
    let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
      guard state.result == nil else { return nil }
      state.result = result
      defer { state.continuation = nil }
      return state.continuation
    }
    continuation?.resume(with: result)
  }
}
