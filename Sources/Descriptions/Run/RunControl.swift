import Synchronization

/// Stops a run from outside, for example from a signal handler's thread.
public final class StopControl: Sendable {
  /// How soon a run stops.
  public enum Level: Int, Sendable, Comparable {
    case none
    /// Nothing new begins; requests in flight run to their end.
    case drain
    /// Requests in flight are interrupted and connections are closed.
    case abort

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  private struct State {
    var level = Level.none
    var onStop: (@Sendable (Level) -> Void)?
  }
  private let state = Mutex(State())

  public init() {}

  /// The requested level.
  public var level: Level { state.withLock(\.level) }

  /// The first call drains, a second one aborts.
  public func interrupt() { request(level == .none ? .drain : .abort) }

  /// Requests a stop. A level that is not higher than the current one changes nothing.
  public func request(_ level: Level) {
    let onStop: (@Sendable (Level) -> Void)? = state.withLock { state in
      guard level > state.level else { return nil }
      state.level = level
      return state.onStop
    }
    onStop?(level)
  }

  /// Sets the action of a stop. It is called at once if a stop was requested before.
  func setOnStop(_ action: (@Sendable (Level) -> Void)?) {
    let level = state.withLock { state in
      state.onStop = action
      return state.level
    }
    if level > .none { action?(level) }
  }
}

/// Sends a warning only the first time that it is raised in a run.
final class OneTimeWarning: Sendable {
  private let wasSent = Mutex(false)
  private let warn: @Sendable (String) -> Void

  init(_ warn: @escaping @Sendable (String) -> Void) {
    self.warn = warn
  }

  func send(_ text: @autoclosure () -> String) {
    let isFirst = wasSent.withLock { wasSent in
      defer { wasSent = true }
      return !wasSent
    }
    if isFirst { warn(text()) }
  }
}

/// A lock per key: one task at a time asks a question, and the next task with the same
/// question then finds the answer in the ledger.
actor KeyedLock {
  private var keys: Set<String> = []
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Waits until no other task holds this key. Each `lock` needs its `unlock`.
  func lock(_ key: String) async {
    while keys.contains(key) {
      await withCheckedContinuation { waiting[key, default: []].append($0) }
    }
    keys.insert(key)
  }

  func unlock(_ key: String) {
    keys.remove(key)
    for continuation in waiting.removeValue(forKey: key) ?? [] { continuation.resume() }
  }
}
