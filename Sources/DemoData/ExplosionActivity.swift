import Foundation
import Records

/// A car, a bin or a gas bottle blows up: flash, fireball, smoke, debris; people
/// fall or flee; it burns on.
struct ExplosionActivity: AnomalousActivity {
  static let className = "Explosion"

  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>] {
    let world = life.world
    let strength = 0.35 + 0.65 * timing.intensity
    var source = life.scene.stage + GroundPoint(life.g.uniform(-1.5, 1.5), 0.9)
    var car: Vehicle?
    let nearest = world.vehicles.min {
      ($0.position - life.scene.stage).length < ($1.position - life.scene.stage).length
    }
    if let nearest, life.g.chance(0.7) {
      car = nearest
      source = nearest.position
    }
    let point = source.raised(car == nil ? 0.5 : 0.9)
    let burnsOn = timing.end
    world.at(timing.onset) { world in
      world.particles.emit(
        .fire, count: Int(34 * strength), at: point, speed: 7 * strength, size: 0.9 * strength,
        life: 0.8, spread: 0.5)
      world.particles.emit(
        .smoke, count: Int(20 * strength), at: point, speed: 4 * strength, size: 1.1 * strength,
        life: 3.6, spread: 0.6, drift: Vector3(0, 1, 0))
      world.particles.emit(
        .debris, count: Int(46 * strength), at: point, speed: 11 * strength, size: 0.07, life: 1.8)
      if let car {
        car.strike(velocity: .zero, spin: 0.15, damage: 1)
        car.shake(3)
      }
      for person in world.people {
        let offset = person.position - source
        let away = person.position + offset.normalized * 12
        if offset.length < 1.2 + 2.2 * strength {
          person.change(to: [
            .fall(.lying, seconds: 2.5), .hold(.cower, seconds: 0.8, facing: nil),
            .go(to: away, speed: 2.6),
          ])
        } else {
          person.change(to: [.hold(.cower, seconds: 0.5, facing: nil), .go(to: away, speed: 3.8)])
        }
      }
    }
    // The flash and the fire light the place; fire and smoke go on.
    var emitter: Float = 0
    var flutter = SeededGenerator(seed: life.g.next())
    let onset = timing.onset
    world.always { world, seconds in
      let since = world.time - onset
      guard since >= 0 else { return }
      let flash = exp(-since * 7)
      let burning = (1 - since / (burnsOn - onset + 2)).clamped(0, 1)
      let level = 140 * flash * strength + (10 + 5 * flutter.uniform(-1, 1)) * burning * strength
      if level > 0.3 {
        world.flashes.append(
          DynamicLight(
            position: point + Vector3(0, 0.8, -0.3), colour: Vector3(1.0, 0.62, 0.28) * level,
            beam: nil, range: flash > 0.05 ? 40 : 14))
      }
      emitter += seconds
      while emitter > 0.05 {
        emitter -= 0.05
        guard burning > 0.02 else { break }
        world.particles.emit(
          .fire, count: flutter.chance(0.9 * burning) ? 2 : 0, at: point, speed: 1.2,
          size: 0.5 * strength, life: 0.55, spread: 0.45)
        world.particles.emit(
          .smoke, count: flutter.chance(0.5) ? 1 : 0, at: point + Vector3(0, 0.6, 0), speed: 0.8,
          size: 0.8 * strength, life: 3.4, spread: 0.4, drift: Vector3(0.2, 1.1, 0))
      }
    }
    // Passers-by to be startled.
    for _ in 0..<2 {
      let place = source + GroundPoint(life.g.uniform(-4.5, 4.5), -life.g.uniform(1, 2.4))
      life.add(
        place, [.go(to: place + GroundPoint(life.g.uniform(-6, 6), 0), speed: 1.3)])
    }
    return [timing.onset...timing.end]
  }
}
