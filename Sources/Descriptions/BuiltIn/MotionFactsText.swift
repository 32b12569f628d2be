import Foundation

/// Puts measured facts into one to five plain sentences, the most important first.
///
/// The words name the measurement and not its possible meaning: "fire-coloured area", never
/// "fire".
struct MotionFactsText {
  let facts: MotionFacts

  /// The novelty above the rest from which a peak is called an event, strong and very strong.
  /// Everyday street scenes seldom reach the first threshold.
  private static let standsOut = 1.5
  private static let strong = 2.1
  private static let veryStrong = 3.3

  /// The sentences, separated by spaces.
  var text: String {
    [main, light, course, scene].compactMap { $0 }.joined(separator: " ")
  }

  /// The event, or the motion if nothing stands out.
  private var main: String {
    guard let event = facts.event, facts.prominence > Self.standsOut else { return steady }
    let sudden =
      facts.riseSeconds < 0.35 && facts.prominence > Self.strong
      ? "Sudden " : facts.riseSeconds < 1 ? "Rapidly growing " : "Gradually growing "
    let strength =
      facts.prominence > Self.veryStrong
      ? "very strong" : facts.prominence > Self.strong ? "strong" : "moderate"
    var sentence =
      "\(sudden)\(strength) motion \(moment(facts.peakSeconds)) \(place(event)), "
      + "over \(size(event.greatestArea)) for \(seconds(event.endSeconds - event.startSeconds))"
    sentence += ": \(regions(event)) \(manner(event))"
    if let meeting = facts.meetingSeconds,
      meeting > event.startSeconds - 1, meeting < event.endSeconds + 0.5
    {
      sentence +=
        facts.meetingSpeed > 0.5
        ? ", two of them meeting at speed" : ", two of them coming together"
    }
    return sentence + "."
  }

  /// The whole clip in one sentence, if there is no event.
  private var steady: String {
    let all = facts.overall
    guard all.regions >= 0.15 else { return "Almost nothing moves in the whole clip." }
    var sentence =
      "Nothing stands out: \(regions(all)) \(manner(all)) \(place(all)) throughout the clip, "
      + "over \(size(all.area))."
    if let restless = facts.restless, let x = restless.x {
      sentence +=
        " The least orderly motion is \(moment(restless.seconds)) \(side(x))."
    }
    return sentence
  }

  /// Flashes, fire-like and smoke-like areas, and lasting changes of brightness.
  private var light: String? {
    var parts: [String] = []
    if let flash = facts.flash {
      parts.append("a bright flash over \(size(flash.value)) at \(seconds(flash.seconds))")
    }
    if let fire = facts.fire {
      parts.append("fire-coloured light over \(size(fire.value)) at \(seconds(fire.seconds))")
    }
    // Grey clothes look like smoke, so smoke counts only together with light.
    if let smoke = facts.smoke, facts.fire != nil || facts.flash != nil {
      parts.append("a smoke-like grey area over \(size(smoke.value))")
    }
    if abs(facts.brightnessStep) > 8 {
      parts.append("the picture ends \(facts.brightnessStep > 0 ? "brighter" : "darker")")
    }
    guard !parts.isEmpty else { return facts.event == nil ? "No flash." : nil }
    let list = parts.joined(separator: ", ")
    return list.prefix(1).uppercased() + list.dropFirst() + "."
  }

  /// The motion before and after the event.
  private var course: String? {
    guard facts.event != nil, facts.prominence > Self.standsOut else { return nil }
    var parts: [String] = []
    if let before = facts.before {
      parts.append(
        before.regions < 0.15
          ? "before it nothing moves" : "before it \(regions(before)) \(manner(before))")
    }
    if let after = facts.after {
      parts.append(
        after.regions < 0.15
          ? "afterwards all motion stops" : "afterwards \(regions(after)) \(manner(after))")
    }
    guard !parts.isEmpty else { return nil }
    let list = parts.joined(separator: "; ")
    return list.prefix(1).uppercased() + list.dropFirst() + "."
  }

  /// Camera, light of the scene, cuts.
  private var scene: String {
    let camera: String
    if facts.cameraMoving < 0.15 {
      camera = "The camera is still"
    } else if facts.cameraMoving < 0.5 {
      camera = "The camera moves at times"
    } else {
      let (x, y) = facts.cameraVelocity
      // The picture's content moves against the camera's direction.
      let way =
        abs(x) < 0.02 && abs(y) < 0.02
        ? ""
        : abs(x) >= abs(y) ? (x > 0 ? " to the left" : " to the right") : (y > 0 ? " up" : " down")
      camera = "The camera moves\(way)"
    }
    let light =
      facts.brightness < 45
      ? "a dark scene" : facts.brightness < 85 ? "a dim scene" : "a bright scene"
    let cuts =
      facts.cutSeconds.isEmpty
      ? ""
      : facts.cutSeconds.count == 1 ? ", with one cut" : ", with \(facts.cutSeconds.count) cuts"
    return "\(camera) on \(light)\(cuts)."
  }

  private func moment(_ seconds: Double) -> String {
    let share = facts.durationSeconds > 0 ? seconds / facts.durationSeconds : 0
    let part =
      share < 0.25
      ? "at the start"
      : share < 0.42
        ? "in the first half"
        : share < 0.58 ? "in the middle" : share < 0.75 ? "in the second half" : "near the end"
    return "\(part) (\(self.seconds(seconds)))"
  }

  private func seconds(_ value: Double) -> String { String(format: "%.1f s", value) }

  private func place(_ activity: MotionFacts.Activity) -> String {
    guard let centre = activity.centre else { return "nowhere" }
    if activity.extent > 0.3 { return "all over the picture" }
    let depth =
      centre.y > 0.75 ? ", near the camera" : centre.y < 0.45 ? ", far from the camera" : ""
    return side(centre.x) + depth
  }

  private func side(_ x: Double) -> String {
    x < 0.37 ? "on the left" : x > 0.63 ? "on the right" : "in the centre"
  }

  private func size(_ area: Double) -> String {
    area < 0.01
      ? "a tiny area"
      : area < 0.04
        ? "a small area"
        : area < 0.12 ? "a medium-sized area" : area < 0.35 ? "a large area" : "most of the picture"
  }

  private func regions(_ activity: MotionFacts.Activity) -> String {
    let number = Int(activity.regions.rounded())
    let words = ["one", "one", "two", "three", "four", "five"]
    let size = activity.regionArea < 0.015 ? "small " : activity.regionArea > 0.08 ? "large " : ""
    return number > 5
      ? "many \(size)regions" : "\(words[number]) \(size)region\(number < 2 ? "" : "s")"
  }

  /// Speed and direction, such as "move slowly from left to right".
  private func manner(_ activity: MotionFacts.Activity) -> String {
    let isOne = activity.regions.rounded() <= 1
    let speed =
      activity.speed < 0.06
      ? "slowly"
      : activity.speed < 0.18
        ? "at a walking pace"
        : activity.speed < 0.4 ? "fast" : "very fast"
    let (x, y) = activity.direction
    let straight = (x * x + y * y).squareRoot()
    let way: String
    if straight < 0.2 {
      way = activity.abruptness > 1 ? "back and forth in all directions" : "in several directions"
    } else if abs(x) >= abs(y) {
      way = x > 0 ? "from left to right" : "from right to left"
    } else {
      way = y > 0 ? "towards the camera" : "away from the camera"
    }
    let jerky = activity.abruptness > 1.3 ? ", jerkily" : ""
    return "\(isOne ? "moves" : "move") \(speed) \(way)\(jerky)"
  }
}
