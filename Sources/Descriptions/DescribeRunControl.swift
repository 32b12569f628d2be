import Synchronization

/// Stops a run from outside: from a signal handler's thread, for example.
public final class DescribeRunControl: Sendable {
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
