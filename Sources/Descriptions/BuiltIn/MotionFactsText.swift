import Foundation

/// Puts measured facts into two to four plain sentences, the most important first.
///
/// Numbers become words, so that equal facts have equal words. Words of effort ("vigorous",
/// "calm", "fast"), of the camera and of colour are said only beyond thresholds at which
/// labelled surveillance clips bear them out at least nine times in ten
/// (`Tests/DescriptionsTests/Fixtures/labelled-clips.csv`). The others name a relation of the
/// video to itself and mean nothing else.
struct MotionFactsText {
  let facts: MotionFacts

  /// The disorder of a second: below the first next to nothing moves; below the second
  /// nobody moves vigorously; from the third on somebody does.
  static let still = 0.0015
  static let calm = 0.007
  static let vigorous = 0.07
  static let veryVigorous = 0.105
  /// The speed of the fastest twentieth of the picture that only vigorous motion reaches.
  static let fast = 0.52
  /// The share of frames with a moving camera, from which it is said to move, and up to which
  /// it is said to be still.
  static let movingCamera = 0.7
  static let stillCamera = 0.15
  /// The mean saturation of an infrared picture.
  static let colourless = 0.01

  /// The sentences, separated by spaces.
  var text: String {
    [main, relation, course, scene].compactMap { $0 }.joined(separator: " ")
  }

  /// The strongest second.
  private var main: String {
    let strongest = facts.strongest
    guard strongest.disorder >= Self.still else { return "Almost nothing moves in the whole clip." }
    let effort: String
    switch strongest.disorder {
    case ..<Self.calm: effort = "calm"
    case ..<Self.vigorous: effort = "moderate"
    case ..<Self.veryVigorous: effort = "vigorous"
    default: effort = "very vigorous"
    }
    let speed = facts.fastest.topSpeed >= Self.fast ? ", with fast parts" : ""
    return "The strongest motion is \(effort)\(speed), over \(size(strongest.area)), "
      + "\(moment(strongest.startSeconds + 0.5))."
  }

  /// The strongest second beside the rest of the video.
  private var relation: String? {
    guard facts.strongest.disorder >= Self.still else { return nil }
    let ratio = facts.strongest.disorder / max(facts.usualDisorder, Self.still)
    let height =
      ratio < 1.5
      ? "It is hardly stronger than the rest"
      : ratio < 3
        ? "It is stronger than the rest"
        : ratio < 8 ? "It is far stronger than the rest" : "It stands alone in the clip"
    let length =
      facts.strongShare < 0.1
      ? "and brief" : facts.strongShare < 0.3 ? "and lasts a while" : "and lasts long"
    let shots =
      facts.shots < 3
      ? "" : facts.strongShots == 1 ? ", in one shot only" : ", in several shots"
    return "\(height), \(length)\(shots)."
  }

  /// The end of the video beside its start.
  private var course: String? {
    let (first, last) = (facts.first, facts.last)
    guard max(first, last) >= Self.calm else { return nil }
    if last < first / 3 { return "The clip calms down." }
    return first < last / 3 ? "The clip grows livelier." : nil
  }

  /// Camera, light of the scene, cuts.
  private var scene: String {
    var parts: [String] = []
    if facts.cameraMoving <= Self.stillCamera {
      parts.append("the camera is still")
    } else if facts.cameraMoving >= Self.movingCamera {
      let (x, y) = facts.cameraVelocity
      // The picture's content moves against the camera's direction.
      let way =
        abs(x) < 0.02 && abs(y) < 0.02
        ? ""
        : abs(x) >= abs(y) ? (x > 0 ? " to the left" : " to the right") : (y > 0 ? " up" : " down")
      parts.append("the camera moves\(way)")
    }
    if facts.brightness < 45 { parts.append("a dark scene") }
    if facts.saturation < Self.colourless { parts.append("no colour") }
    switch facts.cutSeconds.count {
    case 0: parts.append("one shot")
    case 1: parts.append("one cut")
    default: parts.append("\(facts.cutSeconds.count) cuts")
    }
    let list = parts.joined(separator: ", ")
    return list.prefix(1).uppercased() + list.dropFirst() + "."
  }

  private func moment(_ seconds: Double) -> String {
    let share = facts.durationSeconds > 0 ? seconds / facts.durationSeconds : 0
    return share < 0.25
      ? "at the start"
      : share < 0.42
        ? "in the first half"
        : share < 0.58 ? "in the middle" : share < 0.75 ? "in the second half" : "near the end"
  }

  private func size(_ area: Double) -> String {
    area < 0.01
      ? "a tiny area"
      : area < 0.04
        ? "a small area"
        : area < 0.12 ? "a medium-sized area" : area < 0.35 ? "a large area" : "most of the picture"
  }
}
