import Foundation
import Synchronization

/// Runs blocking work, such as decoding or SQLite, on threads of its own, a limited number at
/// once, so that the threads of async code stay free.
public final class BlockingWork: Sendable {
  private let queue: OperationQueue

  /// The number of available cores.
  public static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// - Parameter width: the number of pieces of work that run at once.
  public init(width: Int) {
    queue = OperationQueue()
    queue.maxConcurrentOperationCount = max(1, width)
  }

  /// Runs `body` and waits for it without blocking. If the task is cancelled it stops waiting;
  /// work that has begun ends by itself, and its result is discarded.
  ///
  /// - Throws: the error of `body`, or `CancellationError`.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
    -> Value
  {
    let waiting = Waiting<Value>()
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

  /// Runs `body` and waits for it even if the task is cancelled.
  public func runToEnd<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value)
    async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.addOperation { continuation.resume(with: Result(catching: body)) }
    }
  }

  /// A waiting task, resumed once, by the work or by the cancellation.
  private final class Waiting<Value: Sendable>: Sendable {
    private enum State {
      case new
      case waiting(CheckedContinuation<Value, any Error>)
      case ended
    }
    private let state = Mutex(State.new)

    var isOpen: Bool {
      state.withLock { if case .waiting = $0 { true } else { false } }
    }

    /// False if the task was cancelled before; then the continuation is resumed.
    func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
      let isOpen = state.withLock { state in
        guard case .new = state else { return false }
        state = .waiting(continuation)
        return true
      }
      if !isOpen { continuation.resume(throwing: CancellationError()) }
      return isOpen
    }

    func end(_ result: Result<Value, any Error>) {
      let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
        defer { state = .ended }
        guard case .waiting(let continuation) = state else { return nil }
        return continuation
      }
      continuation?.resume(with: result)
    }
  }
}
