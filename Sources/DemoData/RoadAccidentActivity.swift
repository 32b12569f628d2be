import Foundation
import Records

/// A crash: two cars, or a car and a cyclist or somebody on foot; they slide,
/// spin and stop; people gather.
struct RoadAccidentActivity: AnomalousActivity {
  static let className = "RoadAccidents"

  private enum Kind: CaseIterable { case sideImpact, rearEnd, cyclist, pedestrian }

  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>] {
    guard let conflict = life.scene.conflict, let lane = life.scene.lanes.first else { return [] }
    let world = life.world
    // Nothing parked hides the place.
    if life.scene.layout != .carPark {
      world.vehicles.removeAll { abs($0.position.x - conflict.x) < 5.5 }
    }
    let g = life.g.pick(Kind.allCases)
    let kind = timing.intensity > 0.7 && g == .pedestrian ? Kind.sideImpact : g
    let direction = (lane.end - lane.start).normalized
    let impact = GroundPoint(conflict.x, lane.start.y)
    let fast = life.speedLimit * (0.9 + 0.5 * timing.intensity)
    let time = timing.onset
    // A car that reaches the place of the crash just in time.
    func comer(from way: GroundPoint, speed: Float, _ life: inout NormalActivity, stop: Float)
      -> Vehicle
    {
      let car = Vehicle(
        shape: .random(&life.g), at: impact - way * (speed * time + stop), heading: way.heading,
        speed: speed, actions: [.drive(to: impact + way * 40, speed: speed)])
      car.hasLightsOn = life.world.lighting.isDark
      car.isCareful = false
      life.world.vehicles.append(car)
      return car
    }
    let car = comer(from: direction, speed: fast, &life, stop: 2)
    let across = GroundPoint(-direction.y, direction.x)
    let slideShare = 0.35 + 0.4 * timing.intensity
    let spin = (life.g.chance(0.5) ? 1 : -1) * (0.8 + 2.4 * timing.intensity)
    func crash(_ world: World, glass: Int) {
      let point = impact.raised(0.7)
      world.particles.emit(.glass, count: glass, at: point, speed: 4.5, size: 0.035, life: 1.2)
      world.particles.emit(.debris, count: glass / 3, at: point, speed: 4, size: 0.06, life: 1.4)
      world.particles.emit(
        .smoke, count: 5, at: point, speed: 1.2, size: 0.6, life: 2.6, spread: 0.5)
    }
    switch kind {
    case .sideImpact:
      let way: GroundPoint
      if life.scene.layout == .crossing {
        way = GroundPoint(0, 1)
      } else {
        // Out of a drive on the other side.
        way = (across * (across.y > 0 ? -1 : 1) + direction * 0.25).normalized
      }
      let other = comer(from: way, speed: fast * 0.6, &life, stop: 2.3)
      world.at(time) { world in
        car.strike(
          velocity: direction * (fast * slideShare) + way * (fast * 0.18), spin: -spin * 0.7,
          damage: 0.7)
        other.strike(
          velocity: direction * (fast * 0.45) + way * (fast * 0.15), spin: spin, damage: 0.8)
        crash(world, glass: Int(20 + 40 * timing.intensity))
      }
    case .rearEnd:
      let leader = Vehicle(
        shape: .random(&life.g), at: impact - direction * (fast * 0.55 * max(0, time - 1.2) + 1),
        heading: direction.heading, speed: fast * 0.55,
        actions: [
          .drive(to: impact + direction, speed: fast * 0.55), .brake(7), .wait(seconds: 40),
        ])
      leader.hasLightsOn = world.lighting.isDark
      leader.isCareful = false
      world.vehicles.append(leader)
      var done = false
      world.always { world, _ in
        let gap = (leader.position - car.position).length
        guard !done, gap < (leader.shape.length + car.shape.length) / 2 - 0.1 else { return }
        done = true
        leader.strike(velocity: direction * (fast * 0.5), spin: spin * 0.3, damage: 0.6)
        car.strike(velocity: direction * (fast * 0.3), spin: -spin * 0.25, damage: 0.7)
        crash(world, glass: Int(16 + 30 * timing.intensity))
      }
    case .cyclist:
      let way = across * (across.y > 0 ? -1 : 1)
      let rider = Bicycle(
        look: PersonLook(&life.g), from: impact - way * (3.4 * time), to: impact + way * 5,
        speed: 3.4)
      world.bicycles.append(rider)
      world.at(time) { world in
        rider.fall(thrown: direction * (fast * 0.55) + way * 0.8)
        car.change(to: [.brake(8.5), .wait(seconds: 40)])
        crash(world, glass: 10)
      }
    case .pedestrian:
      let way = across * (across.y > 0 ? 1 : -1)
      let speed: Float = 1.7
      let start = impact - way * 4.2
      let walker = life.add(
        start,
        [
          .hold(.phoning, seconds: max(0, time - 4.2 / speed - 0.25), facing: impact),
          .go(to: impact + way * 4, speed: speed),
        ])
      world.at(time) { world in
        walker.change(to: [
          .go(
            to: walker.position + direction * 4.4 - GroundPoint(0, 1.3), speed: fast * 0.75),
          .fall(.lying, seconds: 40),
        ])
        car.change(to: [.brake(8.5), .wait(seconds: 40)])
        crash(world, glass: 6)
      }
    }
    // The aftermath: somebody comes to look and help.
    let helpers = Int.random(in: 1...3, using: &life.g)
    for index in 0..<helpers {
      let from = life.scene.stage + GroundPoint(life.g.uniform(-3, 3), life.g.uniform(-0.5, 0.5))
      let helper = life.add(from, [.talk(seconds: 60, facing: life.scene.stage)])
      let place =
        impact + direction * (2.5 + Float(index)) + GroundPoint(0, -1.9 - 0.3 * Float(index))
      let pose = life.g.pick([Pose.phoning, .pointing, .bending])
      world.at(time + life.g.uniform(0.8, 2)) { _ in
        helper.change(to: [.go(to: place, speed: 2.8), .hold(pose, seconds: 40, facing: impact)])
      }
    }
    // The act is over when all stand still; who gathers then is aftermath.
    return [max(0, time - 0.2)...min(timing.end, time + 2.8)]
  }
}
