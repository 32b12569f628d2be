import Foundation

/// What a person does next; actions follow one another.
enum PersonAction: Sendable {
  /// Walks (or runs, above 2.4 m/s) straight to a point.
  case go(to: GroundPoint, speed: Float)
  /// Holds a pose; `facing` is a point to look at.
  case hold(Pose, seconds: Float, facing: GroundPoint?)
  /// Talks with gestures.
  case talk(seconds: Float, facing: GroundPoint)
  /// Alternates between poses, a change every `beat` seconds, and moves about
  /// `centre` by up to `reach` metres.
  case scuffle(
    poses: [Pose], seconds: Float, beat: Float, centre: GroundPoint, reach: Float,
    facing: GroundPoint)
  /// Falls and lies, on the back or on the front.
  case fall(Pose, seconds: Float)
  /// Is not seen, for someone who went through a door.
  case vanish(seconds: Float)

  var poses: [Pose]? {
    if case .scuffle(let poses, _, _, _, _, _) = self { return poses }
    return nil
  }
}
