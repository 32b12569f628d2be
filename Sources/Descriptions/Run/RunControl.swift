import Synchronization

/// Stops a run from outside: from a signal handler's thread, for example.
public final class StopControl: Sendable {
  /// How far a stop goes.
  public enum Stop: Int, Sendable, Comparable {
    case none
    /// Nothing new is begun; what is in flight comes to its end.
    case drain
    /// What is in flight is broken off; connections are closed.
    case abort

    public static func < (left: Stop, right: Stop) -> Bool { left.rawValue < right.rawValue }
  }

  private struct State {
    var stop = Stop.none
    var onStop: (@Sendable (Stop) -> Void)?
  }
  private let state = Mutex(State())

  public init() {}

  /// What was asked for.
  public var stop: Stop { state.withLock(\.stop) }

  /// The first call drains, a second one aborts.
  public func interrupt() { request(stop == .none ? .drain : .abort) }

  /// Asks for a stop; a weaker one than before changes nothing.
  public func request(_ stop: Stop) {
    let onStop: (@Sendable (Stop) -> Void)? = state.withLock { state in
      guard stop > state.stop else { return nil }
      state.stop = stop
      return state.onStop
    }
    onStop?(stop)
  }

  /// Sets what a stop calls; called at once where one was asked for already.
  func setOnStop(_ action: (@Sendable (Stop) -> Void)?) {
    let stop = state.withLock { state in
      state.onStop = action
      return state.stop
    }
    if stop > .none { action?(stop) }
  }
}

/// Says a thing once in a run, however often it is met.
final class OneTimeWarning: Sendable {
  private let isSaid = Mutex(false)
  private let remark: @Sendable (String) -> Void

  init(_ remark: @escaping @Sendable (String) -> Void) {
    self.remark = remark
  }

  func say(_ text: @autoclosure () -> String) {
    let isFirst = isSaid.withLock { isSaid in
      defer { isSaid = true }
      return !isSaid
    }
    if isFirst { remark(text()) }
  }
}

/// Lets one task at a time ask one question: the next finds the answer in the
/// ledger.
actor KeyedLock {
  private var keys: Set<String> = []
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Waits until nobody asks this question. Each `enter` needs its `leave`.
  func enter(_ key: String) async {
    while keys.contains(key) {
      await withCheckedContinuation { waiting[key, default: []].append($0) }
    }
    keys.insert(key)
  }

  func leave(_ key: String) {
    keys.remove(key)
    for continuation in waiting.removeValue(forKey: key) ?? [] { continuation.resume() }
  }
}
