/// What a running stage reports: progress over its items, and lines for the user.
public enum StageEvent: Sendable, Equatable {
  /// The stage starts on `total` items; `alreadyDone` of them are finished from an earlier run.
  case began(stage: String, total: Int, itemName: String, alreadyDone: Int)
  /// `count` more items are finished. `total` is the number of items where it has changed
  /// since the start; `item` is the finished item where `.reached` was reported for it.
  case advanced(count: Int, failed: Bool, total: Int?, item: String?)
  /// An unfinished item is done to this share, from 0 to 1.
  case reached(share: Double, item: String)
  /// The stage has ended. A stage over one item alone, or with nothing to do, needs no
  /// summary line.
  case ended(needsSummary: Bool)
  /// Where a long item is, in a line that the next one replaces.
  case status(String)
  /// A remark.
  case note(String)
  /// A problem that the stage survives.
  case warning(String)
  /// The failure of one item, which the stage's result contains too.
  case failure(String)
}

/// Receives the events of a stage. The closure is called from several threads at once.
///
/// `StageReporter { print($0) }` prints everything; `.silent`, the default of every stage,
/// ignores everything.
public struct StageReporter: Sendable {
  private let receive: @Sendable (StageEvent) -> Void

  public init(_ receive: @escaping @Sendable (StageEvent) -> Void) {
    self.receive = receive
  }

  /// Ignores all events.
  public static let silent = StageReporter { _ in }

  public func report(_ event: StageEvent) { receive(event) }

  public func begin(_ stage: String, total: Int, itemName: String = "", alreadyDone: Int = 0) {
    receive(.began(stage: stage, total: total, itemName: itemName, alreadyDone: alreadyDone))
  }

  public func advance(
    by count: Int = 1, failed: Bool = false, of total: Int? = nil, item: String? = nil
  ) {
    receive(.advanced(count: count, failed: failed, total: total, item: item))
  }

  public func reached(_ share: Double, of item: String) {
    receive(.reached(share: share, item: item))
  }

  public func end(needsSummary: Bool = true) { receive(.ended(needsSummary: needsSummary)) }

  public func status(_ line: String) { receive(.status(line)) }
  public func note(_ line: String) { receive(.note(line)) }
  public func warning(_ line: String) { receive(.warning(line)) }
  public func failure(_ line: String) { receive(.failure(line)) }
}
