import Records
import Synchronization

/// Asks running stages to stop: they finish the items under way and start no others.
public final class StopSignal: Sendable {
  private struct State {
    var isRequested = false
    var actions: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Whether stages should start no further items.
  public var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Requests the stop and runs the actions of `onStop`; further requests do nothing.
  public func request() {
    let actions = state.withLock { state in
      defer { state = State(isRequested: true) }
      return state.actions
    }
    for action in actions { action() }
  }

  /// Runs `action` once when the stop is requested, or now where it already is.
  public func onStop(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if !state.isRequested { state.actions.append(action) }
      return state.isRequested
    }
    if isLate { action() }
  }
}

extension Parallel {
  /// The results in the order of the items; nil for items that a stop kept from starting.
  public static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, until stop: StopSignal,
    _ body: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    let isStopped: @Sendable () -> Bool = { stop.isRequested }
    return map(items, jobs: jobs, until: isStopped, body)
  }
}
