import Foundation

/// What a frame shows of a key event.
public enum FrameRole: String, Codable, Sendable, CaseIterable {
  /// The event building up.
  case onset
  /// The event at its most relevant.
  case peak
  /// What the event leaves behind.
  case aftermath
  /// None of an event: it covers the rest of the video.
  case context
}

/// A frame's role, the event it belongs to, and one line that says why.
public struct RoleAssignment: Sendable, Equatable {
  public var role: FrameRole
  /// The event's number from 1; nil for context.
  public var event: Int?
  public var reason: String
}

extension RoleAssignment {
  /// Roles of candidates `chosen` (ascending).
  ///
  /// Within an event the chosen frame of greatest relevance is its peak, if it
  /// reaches four fifths of the event's height; frames before the event's own
  /// peak are its onset, those after it its aftermath. An event's reach goes on
  /// after its end for as long as it lasted (at least one candidate, at most
  /// halfway to the next event): what is chosen there is aftermath too. One
  /// candidate before its start is onset. All else is context.
  ///
  /// - Parameters:
  ///   - events: what `KeyEvent.segment` gave for the same curve.
  ///   - prompts: the prompt that each candidate's relevance comes from, where
  ///     prompts are at work.
  public static func assign(
    _ chosen: [Int], in curve: RelevanceCurve, events: [KeyEvent], prompts: [String?] = []
  ) -> [RoleAssignment] {
    let values = curve.normalised()
    let peaks = events.map { event in
      chosen.filter { (event.firstCandidate...event.lastCandidate).contains($0) }
        .max {
          (values[$0] ?? -1, -$0) < (values[$1] ?? -1, -$1)
        }
    }
    return chosen.enumerated().map { place, candidate in
      let seconds = curve.timestamps[candidate]
      let relevance = curve.relevance[candidate]
      func describe(_ lead: String) -> String {
        var text = lead
        if let relevance { text += ", relevance \(decimals(relevance, 3))" }
        if candidate < prompts.count, let prompt = prompts[candidate] {
          text += " from '\(prompt)'"
        }
        return text
      }
      if let position = event(of: candidate, in: curve, events: events) {
        let event = events[position]
        let distance = seconds - event.peakSeconds
        let height = (values[candidate] ?? 0) / max(values[event.peakCandidate] ?? 0, 1e-9)
        if peaks[position] == candidate, height >= 0.8 || candidate == event.peakCandidate {
          return RoleAssignment(
            role: .peak, event: event.number, reason: describe("peak of event \(event.number)"))
        }
        let isBefore = candidate < event.peakCandidate
        return RoleAssignment(
          role: isBefore ? .onset : .aftermath, event: event.number,
          reason: describe(
            "\(isBefore ? "onset" : "aftermath") of event \(event.number), "
              + "\(decimals(abs(distance), 1)) s \(isBefore ? "before" : "after") its peak"))
      }
      let before = place == 0 ? 0 : curve.timestamps[chosen[place - 1]]
      let after =
        place + 1 < chosen.count ? curve.timestamps[chosen[place + 1]] : curve.durationSeconds
      let lead =
        relevance == nil
        ? "context, not scored: covers" : "context: covers"
      return RoleAssignment(
        role: .context, event: nil,
        reason: describe("\(lead) \(decimals(before, 1)) s to \(decimals(after, 1)) s"))
    }
  }

  private static func event(of candidate: Int, in curve: RelevanceCurve, events: [KeyEvent])
    -> Int?
  {
    for (position, event) in events.enumerated() {
      if (event.firstCandidate...event.lastCandidate).contains(candidate) { return position }
      // The lead-in belongs to the event that follows, unless another one ends there.
      let isTaken = position > 0 && events[position - 1].lastCandidate == candidate
      if candidate == event.firstCandidate - 1, !isTaken { return position }
    }
    guard let position = events.lastIndex(where: { $0.lastCandidate < candidate }) else {
      return nil
    }
    let event = events[position]
    let next = position + 1 < events.count ? events[position + 1].startSeconds : .infinity
    let reach = min(
      event.endSeconds + (event.endSeconds - event.startSeconds), (event.endSeconds + next) / 2)
    let isNext = candidate == event.lastCandidate + 1
    return isNext || curve.timestamps[candidate] <= reach ? position : nil
  }
}

/// A number with so many decimals.
private func decimals(_ value: Double, _ places: Int) -> String {
  String(format: "%.\(places)f", value)
}
