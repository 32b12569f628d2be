import Foundation
import Records

/// People fight: they meet and argue, strike, kick and grapple, somebody falls,
/// the others leave or stand about.
struct FightingActivity: AnomalousActivity {
  static let className = "Fighting"

  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>] {
    let world = life.world
    let centre =
      life.scene.stage
      + GroundPoint(
        life.g.uniform(-0.5, 0.5) * life.scene.stageSize.x,
        life.g.uniform(-0.4, 0.4) * life.scene.stageSize.y)
    let pairs = timing.intensity > 0.75 && life.g.chance(0.6) ? 2 : 1
    let vigour = timing.intensity
    let attack: [Pose] = [.punch, .hook, .kick, .push, .grabbing, .guardUp, .punch]
    let defend: [Pose] = [.guardUp, .reel, .punch, .grabbing, .push]
    for pair in 0..<pairs {
      let spot = centre + GroundPoint(Float(pair) * 1.5, Float(pair) * 0.5)
      let one = spot + GroundPoint(-0.36, 0)
      let two = spot + GroundPoint(0.36, 0.04)
      let beat = 0.42 - 0.2 * vigour
      let falls = timing.peak
      let after = timing.end - timing.peak
      let aggressor = life.add(
        one + GroundPoint(-life.g.uniform(2, 3.5), life.g.uniform(-0.4, 0.4)),
        [
          .go(to: one + GroundPoint(-0.15, 0), speed: 1.5),
          .talk(seconds: max(0.2, timing.onset - 3.2), facing: two),
        ])
      let victim = life.add(
        two + GroundPoint(life.g.uniform(1.5, 3), life.g.uniform(-0.4, 0.4)),
        [
          .go(to: two + GroundPoint(0.15, 0), speed: 1.3), .talk(seconds: 30, facing: one),
        ])
      let flight = life.offStage(pair == 0 ? -1 : 1)
      world.at(timing.onset) { _ in
        aggressor.change(to: [
          .scuffle(
            poses: attack, seconds: falls - timing.onset, beat: beat, centre: one,
            reach: 0.18 + 0.22 * vigour, facing: two),
          .scuffle(
            poses: [.kick, .swingLow, .kick, .standing], seconds: after, beat: beat * 1.2,
            centre: one + GroundPoint(0.2, -0.1), reach: 0.15, facing: two),
          .go(to: flight, speed: 3.6),
        ])
        victim.change(to: [
          .scuffle(
            poses: defend, seconds: falls - timing.onset, beat: beat, centre: two,
            reach: 0.15 + 0.22 * vigour, facing: one),
          .fall(.lying, seconds: after * 0.4), .fall(.curledUp, seconds: after * 0.8),
          .fall(.lying, seconds: 30),
        ])
      }
    }
    // Some look on, some come to help afterwards, some do not care.
    for _ in 0..<Int.random(in: 0...2, using: &life.g) {
      let angle = life.g.uniform(0, 6.28)
      let place = centre + GroundPoint(sin(angle) * 2.2, cos(angle) * 1.3)
      let watcher = life.add(
        place + GroundPoint(life.g.uniform(-2, 2), 0),
        [.go(to: place, speed: 1.3), .hold(.standing, seconds: 60, facing: centre)])
      let helps = life.g.chance(0.5)
      world.at(timing.end + 0.5) { _ in
        guard helps else { return }
        watcher.change(to: [
          .go(to: centre + GroundPoint(0.9, 0.2), speed: 2.2),
          .hold(.kneeling, seconds: 30, facing: centre),
        ])
      }
    }
    return [timing.onset...timing.end]
  }
}
