import Foundation
import Records

extension NormalActivity {
  /// Plays one of the everyday incidents.
  mutating func play(_ incident: Incident) {
    let stage = scene.stage
    let moment = g.uniform(1.5, duration * 0.5)
    switch incident {
    case .runner:
      // Somebody runs for a bus, or for sport.
      let from = offStage()
      let to = GroundPoint(
        scene.layout == .yard ? from.x : 2 * stage.x - from.x,
        scene.layout == .yard ? 25 - from.y : from.y)
      let pace = g.uniform(3.2, 4.8)
      let runner = add(
        from, [.hold(.standing, seconds: moment, facing: nil), .go(to: to, speed: pace)])
      runner.held = .nothing
    case .crowd:
      let size = Int.random(in: 4...7, using: &g)
      for index in 0..<size {
        let angle = Float(index) / Float(size) * 2 * .pi + g.uniform(-0.3, 0.3)
        let place = stage + GroundPoint(sin(angle), cos(angle) * 0.8) * g.uniform(0.75, 1.15)
        let from = place + GroundPoint(g.uniform(-5, 5), g.uniform(-0.8, 0.8))
        add(
          from,
          [.go(to: place, speed: g.uniform(1.1, 1.6)), .talk(seconds: 40, facing: stage)])
      }
    case .greeting:
      // Two meet, embrace, talk and part.
      let one = stage + GroundPoint(-0.24, 0)
      let two = stage + GroundPoint(0.24, 0.05)
      let pace = g.uniform(1.3, 2.2)
      let talk = g.uniform(1.5, 3)
      for (place, other, from) in [(one, two, offStage(-1)), (two, one, offStage(1))] {
        let near = place + (from - place).normalized * 4
        add(
          near,
          [
            .go(to: place, speed: pace), .hold(.hugging, seconds: 1.2, facing: other),
            .talk(seconds: talk, facing: other), .go(to: offStage(), speed: 1.4),
          ])
      }
    case .hardBraking:
      guard let lane = scene.lanes.first, scene.hasRoad else { return play(.runner) }
      // A car brakes sharply for somebody who crosses, waits and drives on.
      let crossing = GroundPoint(scene.conflict?.x ?? stage.x, lane.start.y)
      let direction = (lane.end - lane.start).normalized
      let speed = speedLimit
      let car = Vehicle(
        shape: .random(&g), at: crossing - direction * (speed * moment + 5),
        heading: direction.heading, speed: speed,
        actions: [
          .drive(to: crossing - direction * (speed * speed / 13 + 3), speed: speed), .brake(6.5),
          .wait(seconds: 2.4), .drive(to: lane.end, speed: speed),
        ])
      car.hasLightsOn = world.lighting.isDark
      world.vehicles.append(car)
      let near = GroundPoint(crossing.x + 0.3, stage.y + 0.4)
      let far = GroundPoint(crossing.x + 0.3, (scene.conflict?.y ?? 12) * 2 - stage.y)
      add(
        near,
        [
          .hold(.standing, seconds: moment + 0.6, facing: far), .go(to: far, speed: 2.3),
          .go(to: far + GroundPoint(9, 0), speed: 1.4),
        ])
    case .parking:
      guard let bay = scene.bays.last, let lane = scene.lanes.first, scene.hasRoad else {
        return play(.door)
      }
      world.vehicles.removeAll { ($0.position - bay.position).length < 0.5 }
      let approach = GroundPoint(bay.position.x - 7, lane.start.y)
      let side: Float = lane.end.x > lane.start.x ? 1 : -1
      let car = Vehicle(
        shape: .random(&g), at: GroundPoint(bay.position.x - side * 18, lane.start.y),
        heading: side * .pi / 2, speed: 5,
        actions: scene.layout == .carPark
          ? [
            .drive(to: GroundPoint(bay.position.x - side * 2.5, lane.start.y), speed: 3),
            .drive(to: bay.position - GroundPoint(0, 1), speed: 2.2), .brake(3),
          ]
          : [
            .drive(to: approach, speed: 5), .drive(to: bay.position, speed: 2.6), .brake(3),
          ])
      car.hasLightsOn = world.lighting.isDark
      world.vehicles.append(car)
    case .lampFlicker:
      guard world.lighting.isDark else { return play(.greeting) }
      var flicker = SeededGenerator(seed: g.next())
      var left: Float = 0
      world.always { world, seconds in
        left -= seconds
        if left <= 0 {
          world.lampShare = flicker.chance(0.5) ? 1 : flicker.uniform(0, 0.4)
          left = flicker.chance(0.3) ? flicker.uniform(0.8, 2) : flicker.uniform(0.05, 0.25)
        }
      }
      addPasserBy()
    case .door:
      guard let door = scene.doors.first else { return play(.crowd) }
      // People come out of a door and go in.
      for index in 0..<Int.random(in: 1...3, using: &g) {
        add(
          door,
          [
            .vanish(seconds: moment + Float(index) * 0.9),
            .go(to: door + GroundPoint(scene.layout == .yard ? 2 : 0, -1.4), speed: 1.3),
            .go(to: offStage(), speed: g.uniform(1.2, 1.6)),
          ])
      }
      let from = offStage()
      add(
        door + (from - door) * 0.6,
        [.go(to: door, speed: g.uniform(1.2, 1.6)), .vanish(seconds: 60)])
    case .handOver:
      // A bag changes hands, in peace.
      let one = stage + GroundPoint(-0.38, 0)
      let two = stage + GroundPoint(0.38, 0)
      let giver = add(
        one + GroundPoint(-4, 0.2),
        [
          .go(to: one, speed: 1.4), .hold(.holding, seconds: 1.6, facing: two),
          .talk(seconds: 2, facing: two), .go(to: offStage(-1), speed: 1.4),
        ])
      giver.held = .bag
      let taker = add(
        two + GroundPoint(3, -0.2),
        [
          .go(to: two, speed: 1.3), .hold(.holding, seconds: 2.6, facing: one),
          .talk(seconds: 1.5, facing: one), .go(to: offStage(1), speed: 1.4),
        ])
      world.at(4.4) { _ in
        giver.held = .nothing
        taker.held = .bag
      }
    case .cyclists:
      let way = scene.layout == .yard ? scene.walks[0] : scene.walks[scene.walks.count - 1]
      guard let first = way.first, let last = way.last else { return }
      for index in 0..<Int.random(in: 1...3, using: &g) {
        let shift = GroundPoint(0, 0.5 * Float(index))
        let ahead = (first - last).normalized * (Float(index) * 2.2 - 3)
        world.bicycles.append(
          Bicycle(
            look: PersonLook(&g), from: first + ahead + shift, to: last + shift,
            speed: g.uniform(3.4, 4.6)))
      }
    case .dance:
      // Somebody waves and hops about: much movement, no harm.
      add(
        stage + GroundPoint(g.uniform(-1, 1), 0),
        [
          .hold(.standing, seconds: moment, facing: nil),
          .scuffle(
            poses: [.handsUp, .talking, .pointing, .reel, .standing], seconds: g.uniform(2, 5),
            beat: 0.4, centre: stage, reach: 0.25, facing: stage + GroundPoint(0, -2)),
          .go(to: offStage(), speed: 1.5),
        ])
      add(
        stage + GroundPoint(1.6, 0.3),
        [.hold(.phoning, seconds: 60, facing: stage)])
    }
  }
}
