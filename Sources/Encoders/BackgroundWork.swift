import Records
import Synchronization

/// Work that runs on a thread of its own while its owner goes on.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome: Outcome
  private let thread: WorkThreads

  private final class Outcome: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
  }

  /// Begins at once.
  init(_ body: @escaping @Sendable () throws -> Value) {
    let outcome = Outcome()
    self.outcome = outcome
    thread = WorkThreads {
      let result = Result { try body() }
      outcome.result.withLock { $0 = result }
    }
  }

  /// What the work gave; blocks until it has ended.
  ///
  /// - Throws: what the work threw.
  func value() throws -> Value {
    thread.wait()
    guard let result = outcome.result.withLock({ $0 }) else {
      preconditionFailure("work that ended has an outcome")
    }
    return try result.get()
  }
}
