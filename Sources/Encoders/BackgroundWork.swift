import Foundation
import Synchronization

/// Work that runs on a thread of its own while its owner goes on.
///
/// Not one of a pool: the work may block it, and whoever waits may sit on a pool's last one.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let group = DispatchGroup()

  /// Begins at once.
  init(_ body: @escaping @Sendable () throws -> Value) {
    group.enter()
    let thread = Thread { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
      group.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
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
