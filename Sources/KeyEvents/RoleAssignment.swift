import Foundation

/// A frame's role, the event it belongs to, and one line that says why.
public struct RoleAssignment: Sendable, Equatable {
  public var role: FrameRole
  /// The event's number from 1; nil for context.
  public var event: Int?
  public var reason: String
}

extension RoleAssignment {
  /// Roles of candidates `chosen` (ascending): the stage of the event in which they
  /// lie, as `KeyEvent` has it, and context elsewhere.
  ///
  /// - Parameters:
  ///   - events: what `KeyEvent.segment` gave for the same curve.
  ///   - prompts: the prompt that each candidate's relevance comes from, where
  ///     prompts are at work.
  public static func assign(
    _ chosen: [Int], in curve: RelevanceCurve, events: [KeyEvent], prompts: [String?] = []
  ) -> [RoleAssignment] {
    // Stages do not overlap, so that one walk over both lists is enough.
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

/// A number with so many decimals.
private func decimals(_ value: Double, _ places: Int) -> String {
  String(format: "%.\(places)f", value)
}
