import Foundation
import Records

/// Everyday life: it goes on in every clip, and normal clips hold things that
/// look sudden without being anomalies.
struct NormalActivity {
  /// The things that normal clips hold beside passers-by.
  enum Incident: CaseIterable {
    case runner, crowd, greeting, hardBraking, parking, lampFlicker, door, handOver, cyclists, dance
  }

  let world: World
  var g: SeededGenerator
  /// Seconds of the clip.
  let duration: Float

  var scene: DemoScene { world.scene }

  /// Parked cars, passers-by and traffic. `calm` keeps the road free for
  /// what is to happen there.
  mutating func populate(calm: Bool) {
    for bay in scene.bays {
      world.vehicles.append(
        Vehicle(shape: .random(&g), at: bay.position, heading: bay.heading))
    }
    let count = Int.random(in: 2...(calm ? 4 : 6), using: &g)
    for _ in 0..<count { addPasserBy() }
    if !calm || scene.layout == .shopFront { addTraffic() }
    if g.chance(0.35) { addStander() }
  }

  /// Somebody who walks along one of the ways, perhaps stopping.
  mutating func addPasserBy() {
    var way = g.pick(scene.walks)
    if g.chance(0.5) { way.reverse() }
    let offset = GroundPoint(g.uniform(-0.4, 0.4), g.uniform(-0.45, 0.45))
    way = way.map { $0 + offset }
    let speed = g.uniform(1.05, 1.65)
    // Somewhere along the first stretch, so that the clip begins in full life.
    let share = g.uniform(0, 0.75)
    let start = way[0] + (way[1] - way[0]) * share
    var actions: [PersonAction] = []
    if g.chance(0.3) {
      let stop = start + (way[1] - start) * g.uniform(0.2, 0.7)
      actions.append(.go(to: stop, speed: speed))
      let pose = g.pick([Pose.phoning, .standing, .holding])
      actions.append(.hold(pose, seconds: g.uniform(1.5, 4), facing: nil))
    }
    for point in way.dropFirst() { actions.append(.go(to: point, speed: speed)) }
    add(start, actions)
    // Sometimes two go side by side.
    if g.chance(0.25) {
      let beside = GroundPoint(0.2, 0.65)
      let companion = actions.map { action -> PersonAction in
        if case .go(let goal, let pace) = action { return .go(to: goal + beside, speed: pace) }
        return action
      }
      add(start + beside, companion)
    }
  }

  /// Somebody who waits at the edge.
  mutating func addStander() {
    let place =
      scene.stage
      + GroundPoint(
        scene.stageSize.x * (g.chance(0.5) ? 1.35 : -1.35), scene.stageSize.y * g.uniform(0, 1))
    add(
      place,
      [.hold(g.pick([.phoning, .holding, .standing]), seconds: 60, facing: scene.stage)])
  }

  /// Cars (and bicycles) on the lanes.
  mutating func addTraffic(from: Float = 0, density: Float = 1) {
    if scene.layout == .shopFront {
      // The road runs along the lower edge: mostly roofs pass.
      if g.chance(0.6) {
        let heading: Float = g.chance(0.5) ? .pi / 2 : -.pi / 2
        let side: Float = heading > 0 ? 1 : -1
        let car = Vehicle(
          shape: .random(&g), at: GroundPoint(-20 * side, 3.1), heading: heading, speed: 8,
          actions: [.drive(to: GroundPoint(40 * side, 3.1), speed: 8)])
        car.hasLightsOn = world.lighting.isDark
        let start = from + g.uniform(0, 6)
        world.at(start) { $0.vehicles.append(car) }
      }
      return
    }
    for (index, lane) in scene.lanes.enumerated() where g.chance((index < 2 ? 0.75 : 0.4) * density)
    {
      var start = from + g.uniform(-2, 4)
      while start < duration {
        addCar(on: lane, at: start, speed: speedLimit * g.uniform(0.8, 1.1))
        start += g.uniform(3.5, 8)
        if scene.layout == .crossing || scene.layout == .carPark { break }
      }
    }
  }

  var speedLimit: Float { scene.layout == .carPark ? 3.6 : 8.5 }

  /// A car that drives a lane from end to end; it is on the way at negative times.
  @discardableResult
  mutating func addCar(on lane: DemoScene.Lane, at start: Float, speed: Float) -> Vehicle {
    let direction = (lane.end - lane.start).normalized
    let car = Vehicle(
      shape: .random(&g), at: lane.start + direction * max(0, -start * speed),
      heading: direction.heading, speed: speed, actions: [.drive(to: lane.end, speed: speed)])
    car.hasLightsOn = world.lighting.hour == .night || world.lighting.isDark && g.chance(0.7)
    world.at(max(0, start)) { $0.vehicles.append(car) }
    return car
  }

  /// Adds a person; the seed of their gestures comes from the generator.
  @discardableResult
  mutating func add(
    _ place: GroundPoint, _ actions: [PersonAction], heading: Float? = nil,
    look: PersonLook? = nil
  ) -> Person {
    let person = Person(
      look: look ?? PersonLook(&g), at: place, heading: heading ?? g.uniform(0, 6.28),
      actions: actions, seed: g.next())
    world.people.append(person)
    return person
  }

  /// A place out of sight on the left or right, level with the stage.
  mutating func offStage(_ side: Float? = nil) -> GroundPoint {
    let sign = side ?? (g.chance(0.5) ? 1 : -1)
    if scene.layout == .yard { return GroundPoint(g.uniform(-1.5, 1.5), sign > 0 ? 1.4 : 24) }
    return GroundPoint(scene.stage.x + sign * 11.5, scene.stage.y + g.uniform(-0.6, 0.6))
  }
}
