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
    var onAbort: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())

  public init() {}

  /// What was asked for.
  public var stop: Stop { state.withLock(\.stop) }

  /// The first call drains, a second one aborts: what Ctrl-C does.
  public func interrupt() { request(stop == .none ? .drain : .abort) }

  /// Asks for a stop; a weaker one than before changes nothing.
  public func request(_ stop: Stop) {
    let onAbort: (@Sendable () -> Void)? = state.withLock { state in
      guard stop > state.stop else { return nil }
      state.stop = stop
      return stop == .abort ? state.onAbort : nil
    }
    onAbort?()
  }

  /// Sets what an abort calls; called at once where it was asked for already.
  func setOnAbort(_ action: (@Sendable () -> Void)?) {
    let isAborted = state.withLock { state in
      state.onAbort = action
      return state.stop == .abort
    }
    if isAborted { action?() }
  }
}
