import Foundation

/// The stage of a key event that a frame shows.
public enum FrameRole: String, Codable, Sendable, CaseIterable {
  /// The build-up of the event.
  case onset
  /// The event at its most relevant.
  case peak
  /// The consequences of the event.
  case aftermath
  /// No event: the frame covers the rest of the video.
  case context
}

/// A stage of a key event that a selection should show.
public struct RoleDemand: Codable, Sendable, Equatable {
  /// The event's number.
  public var event: Int
  public var role: FrameRole
  /// The first and the last candidate that show the stage: the peak candidate alone, or
  /// any candidate of the onset or the aftermath.
  public var candidates: ClosedRange<Int>

  public init(event: Int, role: FrameRole, candidates: ClosedRange<Int>) {
    self.event = event
    self.role = role
    self.candidates = candidates
  }

  /// The demands of a curve's events, the most important first. The event with the most
  /// mass demands its peak, then its aftermath, then its onset, if it has them. Then come
  /// the peaks of the other events by mass; of equal masses the earlier event comes first.
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

/// Which stages of key events a selection had to show, and which it misses.
public struct RolePlan: Codable, Sendable, Equatable {
  /// The demands that every considered set had to meet, the most important first; empty
  /// for strategies without roles.
  public var bound: [RoleDemand]
  /// The demands of `RoleDemand.ranked` that no chosen frame meets, the most important
  /// first.
  public var missing: [RoleDemand]

  /// The demands that a selection of `count` frames must meet: all demands of the main
  /// event that the frames allow, and the peaks of further events while at most half the
  /// frames are bound. The objective decides about the rest.
  ///
  /// - Parameter hasLooks: whether the video has several looks (`CandidateLooks`). Then at most
  ///   half the frames are bound in all, but at least one, so that other looks are seen too.
  public static func bound(
    by events: [KeyEvent], count: Int, hasLooks: Bool = false
  ) -> [RoleDemand] {
    let demands = RoleDemand.ranked(of: events)
    guard let main = demands.first?.event else { return [] }
    if hasLooks { return Array(demands.prefix(min(count, max(1, count / 2)))) }
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

/// A frame's role, its event, and the reason in one line.
public struct RoleAssignment: Sendable, Equatable {
  public var role: FrameRole
  /// The event's number from 1; nil for context.
  public var event: Int?
  public var reason: String
}

extension RoleAssignment {
  /// The roles of the candidates `chosen` (ascending): the stage of the `KeyEvent` that
  /// contains them, and context elsewhere.
  ///
  /// - Parameters:
  ///   - events: the result of `KeyEvent.segment` for the same curve.
  ///   - prompts: the prompt behind each candidate's relevance; empty for scorers without
  ///     prompts.
  public static func assign(
    _ chosen: [Int], in curve: RelevanceCurve, events: [KeyEvent], prompts: [String?] = []
  ) -> [RoleAssignment] {
    // Stages do not overlap, so one pass over both lists is enough.
    var stages = events.flatMap { Stage.all(of: $0) }[...]
    return chosen.enumerated().map { place, candidate in
      while let stage = stages.first, stage.candidates.upperBound < candidate {
        stages.removeFirst()
      }
      let found = stages.first.flatMap { $0.candidates.contains(candidate) ? $0 : nil }
      var reason: String
      if let found {
        reason = found.reason(of: candidate, in: curve)
      } else {
        let before = place == 0 ? 0 : curve.timestamps[chosen[place - 1]]
        let after =
          place + 1 < chosen.count ? curve.timestamps[chosen[place + 1]] : curve.durationSeconds
        let lead = curve.relevance[candidate] == nil ? "context, not scored" : "context"
        reason = "\(lead): covers \(decimals(before, 1)) s to \(decimals(after, 1)) s"
      }
      if let relevance = curve.relevance[candidate] {
        reason += ", relevance \(decimals(relevance, 3))"
      }
      if candidate < prompts.count, let prompt = prompts[candidate] {
        reason += " from '\(prompt)'"
      }
      return RoleAssignment(
        role: found?.role ?? .context, event: found?.event.number, reason: reason)
    }
  }
}

/// One stage of one event.
private struct Stage {
  var event: KeyEvent
  var role: FrameRole
  var candidates: ClosedRange<Int>

  /// The event's stages in time order.
  static func all(of event: KeyEvent) -> [Stage] {
    let ranges: [(FrameRole, ClosedRange<Int>?)] = [
      (.onset, event.onset), (.peak, event.peak), (.aftermath, event.aftermath),
    ]
    return ranges.compactMap { role, range in
      range.map { Stage(event: event, role: role, candidates: $0) }
    }
  }

  func reason(of candidate: Int, in curve: RelevanceCurve) -> String {
    if candidate == event.peakCandidate { return "peak of event \(event.number)" }
    let distance = curve.timestamps[candidate] - event.peakSeconds
    let name = role == .peak ? "height" : role.rawValue
    return "\(name) of event \(event.number), \(decimals(abs(distance), 1)) s "
      + "\(distance < 0 ? "before" : "after") its peak"
  }
}

/// A number with the given count of decimals.
private func decimals(_ value: Double, _ places: Int) -> String {
  String(format: "%.\(places)f", value)
}
