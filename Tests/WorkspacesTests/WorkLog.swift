import Synchronization

/// What several threads did.
final class WorkLog: Sendable {
  private let log = Mutex<[String]>([])
  var names: [String] { log.withLock { $0 } }
  func note(_ name: String) { log.withLock { $0.append(name) } }
}
