import Foundation
import Records

/// Somebody in the scene: carries out a list of actions, one after the other.
final class Person {
  let look: PersonLook
  private(set) var position: GroundPoint
  private(set) var heading: Float
  private(set) var speed: Float = 0
  private(set) var isVisible = true
  var held: HeldThing = .nothing
  /// What is still to be done; when empty, the person stands.
  var actions: [PersonAction]
  private var pose = Pose.standing
  private var gaitPhase: Float
  private var elapsed: Float = 0
  private var beatLeft: Float = 0
  private var beatPose = Pose.standing
  private var beatGoal: GroundPoint?
  private var generator: SeededGenerator

  init(
    look: PersonLook, at position: GroundPoint, heading: Float = 0, actions: [PersonAction],
    seed: UInt64
  ) {
    self.look = look
    self.position = position
    self.heading = heading
    self.actions = actions
    generator = SeededGenerator(seed: seed, purpose: "person")
    gaitPhase = generator.uniform(0, 6)
    if case .go(let goal, _)? = actions.first { self.heading = (goal - position).heading }
  }

  var skeleton: Skeleton {
    Skeleton(pose: pose, height: look.height, position: position, heading: heading)
  }

  /// Forgets what was planned and does this.
  func change(to actions: [PersonAction]) {
    self.actions = actions
    elapsed = 0
    beatLeft = 0
    beatGoal = nil
  }

  /// Lives on for `seconds`.
  func step(_ seconds: Float) {
    guard let action = actions.first else {
      isVisible = true
      settle(to: idle(), seconds: seconds)
      speed = max(0, speed - 4 * seconds)
      return
    }
    isVisible = true
    elapsed += seconds
    var done = false
    switch action {
    case .go(let goal, let wanted): done = go(to: goal, speed: wanted, seconds: seconds)
    case .hold(let target, let duration, let facing):
      turn(to: facing, seconds: seconds)
      settle(to: target, seconds: seconds)
      done = elapsed >= duration
    case .talk(let duration, let partner):
      turn(to: partner, seconds: seconds)
      beatLeft -= seconds
      if beatLeft <= 0 {
        beatLeft = generator.uniform(0.5, 1.4)
        beatPose = generator.pick([.standing, .talking, .pointing, .talking.mirrored, .standing])
      }
      settle(to: beatPose, seconds: seconds * 0.6)
      done = elapsed >= duration
    case .scuffle(_, let duration, let beat, let centre, let reach, let facing):
      scuffle(action, beat: beat, centre: centre, reach: reach, facing: facing, seconds: seconds)
      done = elapsed >= duration
    case .fall(let target, let duration):
      settle(to: target, seconds: seconds * 0.75)
      speed = 0
      done = elapsed >= duration
    case .vanish(let duration):
      isVisible = false
      done = elapsed >= duration
    }
    if done {
      actions.removeFirst()
      elapsed = 0
      beatLeft = 0
      beatGoal = nil
    }
  }

  private func go(to goal: GroundPoint, speed wanted: Float, seconds: Float) -> Bool {
    let offset = goal - position
    let distance = offset.length
    guard distance > 0.08 else { return true }
    speed += ((wanted - speed) * 6 * seconds).clamped(-5 * seconds, 5 * seconds)
    let step = min(distance, max(0.2, speed) * seconds)
    position += offset / distance * step
    turn(to: goal, seconds: seconds)
    let run = speed.smoothStep(1.9, 3.6)
    gaitPhase += .pi * step / (look.height * (0.40 + 0.32 * run))
    var gait = Pose.gait(
      phase: gaitPhase, run: run, armSwing: held == .nothing ? 1 : 0.5)
    if speed < 0.8 { gait = Pose.standing.blended(with: gait, speed / 0.8) }
    pose = pose.blended(with: gait, min(1, 12 * seconds))
    return distance - step <= 0.08
  }

  private func scuffle(
    _ action: PersonAction, beat: Float, centre: GroundPoint, reach: Float, facing: GroundPoint,
    seconds: Float
  ) {
    beatLeft -= seconds
    if beatLeft <= 0 {
      beatLeft = beat * generator.uniform(0.5, 1.5)
      let chosen = generator.pick(action.poses ?? [.standing])
      beatPose = generator.chance(0.5) ? chosen.mirrored : chosen
      let angle = generator.uniform(0, 2 * .pi)
      let radius = reach * generator.uniform(0.2, 1)
      beatGoal = centre + GroundPoint(sin(angle), cos(angle)) * radius
    }
    if let beatGoal {
      let offset = beatGoal - position
      position += offset * min(1, 5 * seconds)
      speed = min(3, offset.length * 5)
    }
    turn(to: facing, seconds: seconds * 1.5)
    settle(to: beatPose, seconds: seconds * 2.2)
  }

  private func idle() -> Pose {
    var pose = Pose.standing
    pose.sideLean = 0.03 * sin(gaitPhase)
    gaitPhase += 0.05
    return pose
  }

  private func settle(to target: Pose, seconds: Float) {
    pose = pose.blended(with: target, 1 - exp(-7 * seconds))
  }

  private func turn(to point: GroundPoint?, seconds: Float) {
    guard let point, (point - position).length > 0.05 else { return }
    var difference = (point - position).heading - heading
    while difference > .pi { difference -= 2 * .pi }
    while difference < -.pi { difference += 2 * .pi }
    heading += difference.clamped(-7 * seconds, 7 * seconds)
  }
}
