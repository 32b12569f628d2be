import Dispatch
import Synchronization

/// Work that runs on a thread of its own while its owner goes on.
///
/// The thread is not one of Swift's cooperative pool: the work may block it.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let group = DispatchGroup()

  /// Begins at once.
  init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async(group: group) { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
  }

  /// What the work gave; blocks until it has ended.
  ///
  /// - Throws: what the work threw.
  func value() throws -> Value {
    group.wait()
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("work that ended has an outcome")
    }
    return try result.get()
  }
}
