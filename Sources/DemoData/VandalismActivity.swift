import Foundation
import Records

/// Somebody smashes a parked car with a bar, or sprays on a wall or breaks a
/// window, and runs.
struct VandalismActivity: AnomalousActivity {
  static let className = "Vandalism"

  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>] {
    let stage = life.scene.stage
    let target = life.world.vehicles.filter { !$0.isMoving && abs($0.position.x - stage.x) < 7.5 }
      .min { ($0.position - stage).length < ($1.position - stage).length }
    if let target, life.g.chance(0.65) || life.scene.walls.isEmpty {
      return smash(target, &life, timing)
    }
    guard let wall = life.scene.walls.first else { return [] }
    return deface(wall, &life, timing)
  }

  private static func smash(
    _ car: Vehicle, _ life: inout NormalActivity, _ timing: AnomalyTiming
  ) -> [ClosedRange<Float>] {
    let world = life.world
    let near = (life.scene.camera.position.z > car.position.y ? 1 : -1) as Float
    let along = GroundPoint(car.forward.x, car.forward.y)
    let gang = timing.intensity > 0.7 ? 2 : 1
    for index in 0..<gang {
      let reach: Float = abs(along.x) > 0.7 ? car.shape.width / 2 : car.shape.length / 2
      let place =
        car.position
        + GroundPoint(Float(index) * 1.7 - 0.5 * Float(gang - 1), near * (reach + 0.55))
      let vandal = life.add(
        life.scene.stage + GroundPoint(life.g.uniform(-3, 3), life.g.uniform(-0.8, 0)),
        [.hold(.standing, seconds: max(0, timing.onset - 3), facing: place)])
      vandal.held = index == 0 || life.g.chance(0.5) ? .bar : .nothing
      let exit = life.offStage()
      let poses: [Pose] =
        vandal.held == .bar ? [.swingHigh, .swingLow] : [.kick, .standing, .push]
      world.at(max(0.1, timing.onset - 3)) { _ in
        vandal.change(to: [
          .go(to: place, speed: 1.5), .hold(.standing, seconds: 30, facing: car.position),
        ])
      }
      let beat: Float = 0.38 - 0.12 * timing.intensity
      world.at(timing.onset) { _ in
        // Up, down, up, down: every second beat is a blow.
        var blows: [PersonAction] = []
        var time = timing.onset
        while time < timing.end {
          blows.append(.hold(poses[0], seconds: beat, facing: car.position))
          blows.append(.hold(poses[1], seconds: beat * 0.7, facing: car.position))
          time += beat * 1.7
        }
        vandal.change(to: blows + [.go(to: exit, speed: 4.2)])
      }
      var time = timing.onset + beat + 0.1
      var blow = 0
      while time < timing.end {
        let point = GroundPoint(place.x, place.y - near * 0.6).raised(1.15)
        let breaks = blow % 3 == 1
        world.at(time) { world in
          car.shake(0.5 + 0.8 * timing.intensity)
          world.particles.emit(
            .glass, count: breaks ? 24 : 5, at: point, speed: 3.2, size: 0.03, life: 0.9)
          if breaks { car.damage = min(1, car.damage + 0.3) }
        }
        blow += 1
        time += beat * 1.7
      }
    }
    return [timing.onset...timing.end]
  }

  private static func deface(
    _ wall: DemoScene.WallSpot, _ life: inout NormalActivity, _ timing: AnomalyTiming
  ) -> [ClosedRange<Float>] {
    let world = life.world
    let place = wall.foot + wall.outward * 0.75
    let sideways = GroundPoint(wall.outward.y, -wall.outward.x)
    let breaks = timing.intensity > 0.6
    let colour = life.g.pick([
      Vector3(0.7, 0.05, 0.08), Vector3(0.05, 0.1, 0.6), Vector3(0.02, 0.02, 0.02),
      Vector3(0.1, 0.6, 0.15),
    ])
    let vandal = life.add(
      place + wall.outward * 3.2 + sideways * 1.5,
      [
        .hold(.standing, seconds: max(0, timing.onset - 2.6), facing: wall.foot),
        .go(to: place, speed: 1.5), .hold(.standing, seconds: 30, facing: wall.foot),
      ])
    vandal.held = breaks ? .bar : .sprayCan
    let exit = life.offStage()
    let watcher = life.g.chance(0.5)
    if watcher {
      life.add(
        place + wall.outward * 2 + sideways * -1.8,
        [.hold(.standing, seconds: 60, facing: place + wall.outward * 6)])
    }
    world.at(timing.onset) { _ in
      vandal.change(to: [
        .scuffle(
          poses: breaks ? [.swingHigh, .swingLow, .kick] : [.sprayHigh, .sprayLow, .sprayHigh],
          seconds: timing.end - timing.onset, beat: breaks ? 0.32 : 0.5, centre: place,
          reach: breaks ? 0.2 : 0.55, facing: wall.foot),
        .go(to: exit, speed: 4),
      ])
    }
    var hand = SeededGenerator(seed: life.g.next())
    var stroke = SIMD2<Float>(-0.6, 1.5)
    var due: Float = 0
    world.always { world, seconds in
      guard world.time >= timing.onset, world.time <= timing.end else { return }
      due -= seconds
      guard due <= 0 else { return }
      due = breaks ? 0.55 : 0.05
      let progress = (world.time - timing.onset) / (timing.end - timing.onset)
      stroke.x = -0.9 + 1.8 * progress + 0.15 * sin(world.time * 9)
      stroke.y = (1.35 + 0.45 * sin(world.time * 6.3) + hand.uniform(-0.05, 0.05))
      let foot = wall.foot + sideways * stroke.x
      let point = (foot + wall.outward * 0.03).raised(stroke.y)
      if breaks {
        world.particles.emit(
          .glass, count: 14, at: (foot + wall.outward * 0.2).raised(stroke.y), speed: 3,
          size: 0.035, life: 0.9, spread: 0.15)
        world.stain(point, metres: hand.uniform(0.06, 0.15), colour: Vector3(repeating: 0.04))
      } else {
        world.stain(point, metres: 0.09, colour: colour)
        world.particles.emit(
          .paint, count: 1, at: point, speed: 0.2, size: 0.05, life: 0.4, spread: 0.05)
      }
    }
    return [timing.onset...timing.end]
  }
}
