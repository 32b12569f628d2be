import Foundation
import Records

/// What a driver does next.
enum VehicleAction: Sendable {
  /// Drives towards a point, reaching `speed` on the way; on arrival the next
  /// action begins without stopping.
  case drive(to: GroundPoint, speed: Float)
  /// Brakes to a stand, by metres per second squared.
  case brake(Float)
  case wait(seconds: Float)
}

/// A car: driven by its actions until it is struck, then sliding and spinning
/// until friction stops it.
final class Vehicle {
  let shape: VehicleShape
  private(set) var position: GroundPoint
  private(set) var heading: Float
  private(set) var speed: Float
  /// The way it slides, once struck.
  private(set) var slide: GroundPoint?
  private var spin: Float = 0
  private(set) var isBraking = false
  var hasLightsOn = false
  /// Whether the driver brakes for what is in the way; not so before a crash.
  var isCareful = true
  /// Whether something is in the way at this moment; set by the world.
  var isBlocked = false
  /// How much is broken: windows turn dull, the body sags.
  var damage: Float = 0
  /// Rocks the body to the side, in radians; dies away.
  var rock: Float = 0
  private var rockSpeed: Float = 0
  var actions: [VehicleAction]
  private var elapsed: Float = 0

  init(
    shape: VehicleShape, at position: GroundPoint, heading: Float, speed: Float = 0,
    actions: [VehicleAction] = []
  ) {
    self.shape = shape
    self.position = position
    self.heading = heading
    self.speed = speed
    self.actions = actions
  }

  var forward: GroundPoint { GroundPoint(sin(heading), cos(heading)) }
  /// Metres a second over the ground.
  var velocity: GroundPoint { slide ?? forward * speed }
  var isMoving: Bool { velocity.length > 0.15 }

  /// Whether a point lies before the car within the way that it needs to stop.
  func isInTheWay(_ point: GroundPoint) -> Bool {
    let offset = point - position
    let ahead = (offset * forward).sum() - shape.length / 2
    let aside = offset.x * forward.y - offset.y * forward.x
    return ahead > 0 && ahead < 1.6 + speed * 0.4 + speed * speed / 13 && abs(aside) < 1.25
  }

  /// Something strikes the car: it no longer obeys its driver.
  func strike(velocity: GroundPoint, spin: Float, damage: Float) {
    slide = velocity
    self.spin = spin
    self.damage = min(1, self.damage + damage)
    rockSpeed += 1.2
    actions = []
  }

  /// A blow rocks the body.
  func shake(_ strength: Float) { rockSpeed += strength }

  func step(_ seconds: Float) {
    rockSpeed += (-90 * rock - 5 * rockSpeed) * seconds
    rock += rockSpeed * seconds
    if let velocity = slide {
      let fast = velocity.length
      position += velocity * seconds
      heading += spin * seconds
      let slower = max(0, fast - 7.5 * seconds)
      slide = fast > 1e-3 ? velocity * (slower / fast) : .zero
      spin *= max(0, 1 - 2.2 * seconds)
      if slower < 0.3 { spin *= max(0, 1 - 10 * seconds) }
      isBraking = slower > 0
      return
    }
    isBraking = false
    guard let action = actions.first else {
      speed = max(0, speed - 3 * seconds)
      position += forward * speed * seconds
      return
    }
    elapsed += seconds
    switch action {
    case .drive where isBlocked && isCareful:
      isBraking = true
      speed = max(0, speed - 7 * seconds)
      position += forward * speed * seconds
    case .drive(let goal, let wanted):
      let offset = goal - position
      let distance = offset.length
      let change = wanted - speed
      isBraking = change < -0.4
      speed += change.clamped(-5 * seconds, 2.6 * seconds)
      var difference = offset.heading - heading
      while difference > .pi { difference -= 2 * .pi }
      while difference < -.pi { difference += 2 * .pi }
      // A car turns no tighter than its wheels allow.
      let limit = speed / 4.2 * seconds
      heading += difference.clamped(-limit, limit)
      position += forward * speed * seconds
      if distance < max(0.5, speed * seconds * 1.5) || abs(difference) > 1.9 && distance < 6 {
        next()
      }
    case .brake(let strength):
      isBraking = true
      speed = max(0, speed - strength * seconds)
      position += forward * speed * seconds
      if speed == 0 { next() }
    case .wait(let duration):
      speed = 0
      isBraking = true
      if elapsed >= duration { next() }
    }
  }

  /// Replaces what the driver does.
  func change(to actions: [VehicleAction]) {
    self.actions = actions
    elapsed = 0
  }

  private func next() {
    actions.removeFirst()
    elapsed = 0
  }

  /// A point of the car in the world.
  func world(_ point: Vector3) -> Vector3 {
    let rolled = Vector3(
      point.x * cos(rock) - point.y * sin(rock), point.x * sin(rock) + point.y * cos(rock), point.z)
    let s = sin(heading)
    let c = cos(heading)
    return Vector3(
      position.x - rolled.x * c + rolled.z * s, max(0.02, rolled.y - 0.05 * damage),
      position.y + rolled.x * s + rolled.z * c)
  }
}
