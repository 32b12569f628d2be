/// A stage of a key event that wants a frame.
public struct RoleDemand: Codable, Sendable, Equatable {
  /// The event's number.
  public var event: Int
  public var role: FrameRole
  /// The candidates that would do, first and last: the peak candidate alone, any of
  /// the onset's, any of the aftermath's.
  public var candidates: ClosedRange<Int>

  public init(event: Int, role: FrameRole, candidates: ClosedRange<Int>) {
    self.event = event
    self.role = role
    self.candidates = candidates
  }

  /// What the events of a curve want, the most wanted first: of the event with the
  /// most mass its peak, then its aftermath, then its onset, as far as it has them;
  /// then the peaks of the others by mass. Of equal masses the earlier event goes
  /// first.
  public static func ranked(of events: [KeyEvent]) -> [RoleDemand] {
    let ranked = events.sorted { ($0.mass, -$0.number) > ($1.mass, -$1.number) }
    guard let main = ranked.first else { return [] }
    let stages: [(FrameRole, ClosedRange<Int>?)] = [
      (.peak, main.peakCandidate...main.peakCandidate), (.aftermath, main.aftermath),
      (.onset, main.onset),
    ]
    return stages.compactMap { role, candidates in
      candidates.map { RoleDemand(event: main.number, role: role, candidates: $0) }
    }
      + ranked.dropFirst().map {
        RoleDemand(
          event: $0.number, role: .peak, candidates: $0.peakCandidate...$0.peakCandidate)
      }
  }
}

/// Which stages of key events a selection had to show, and which it does not show.
public struct RolePlan: Codable, Sendable, Equatable {
  /// What every set held among which the optimum was sought, the most wanted
  /// first; empty for strategies that know no roles.
  public var bound: [RoleDemand]
  /// What `RoleDemand.ranked` wants and no chosen frame shows, the most wanted first.
  public var missing: [RoleDemand]

  /// Which demands a selection of `count` frames is bound by: all of the main
  /// event's as far as there are frames, and the peaks of further events while no
  /// more than half the frames are bound, so that the objective keeps the rest.
  public static func bound(by events: [KeyEvent], count: Int) -> [RoleDemand] {
    let demands = RoleDemand.ranked(of: events)
    guard let main = demands.first?.event else { return [] }
    let own = demands.filter { $0.event == main }.count
    return Array(demands.prefix(min(count, max(own, count / 2))))
  }

  /// - Parameter chosen: the chosen candidates, ascending.
  public init(bound: [RoleDemand], events: [KeyEvent], chosen: [Int]) {
    self.bound = bound
    missing = RoleDemand.ranked(of: events).filter { demand in
      !chosen.contains { demand.candidates.contains($0) }
    }
  }
}
