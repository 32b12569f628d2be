import Foundation
import Records

/// A bag is snatched, or somebody is threatened and robbed; the robbers run, the
/// victim is left or gives chase.
struct RobberyActivity: AnomalousActivity {
  static let className = "Robbery"

  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>] {
    let world = life.world
    let side: Float = life.g.chance(0.5) ? 1 : -1
    let spot =
      life.scene.stage
      + GroundPoint(life.g.uniform(-0.4, 0.4) * life.scene.stageSize.x, life.g.uniform(-0.3, 0.5))
    var victimLook = PersonLook(&life.g)
    victimLook.hasBag = false
    let walk: Float = 1.2
    let start = spot - GroundPoint(side * walk * timing.onset, 0.1)
    let victim = life.add(
      life.scene.layout == .yard ? spot + GroundPoint(0, -0.4) : start,
      life.scene.layout == .yard
        ? [.hold(.phoning, seconds: 60, facing: spot + GroundPoint(1, -3))]
        : [.go(to: spot + GroundPoint(side * 6, 0), speed: walk)], look: victimLook)
    victim.held = .bag
    let threatens = timing.intensity > 0.45 && life.g.chance(0.5)
    let robbers = timing.intensity > 0.65 ? 2 : 1
    let approach: Float = threatens ? 2.2 : 4.2
    let exit = life.offStage(side)
    let peak = timing.peak
    for index in 0..<robbers {
      let shift = GroundPoint(-side * (0.55 + 0.15 * Float(index)), 0.3 - 0.7 * Float(index))
      let far = spot - GroundPoint(side * 6.5, -0.4 + 0.8 * Float(index))
      let waiting =
        life.scene.layout == .yard
        ? GroundPoint(spot.x - side * 2.6, spot.y + 5 + Float(index)) : far
      let run = (waiting - spot).length / approach
      var look = PersonLook(&life.g)
      look.hasHood = life.g.chance(0.7)
      let robber = life.add(
        waiting,
        [.hold(.standing, seconds: max(0, timing.onset - run), facing: spot)], look: look)
      world.at(max(0.1, timing.onset - run)) { _ in
        robber.change(to: [.go(to: spot + shift, speed: approach)])
      }
      world.at(timing.onset) { _ in
        let centre = victim.position
        robber.change(to: [
          threatens
            ? .hold(.pointing, seconds: (peak - timing.onset) * 0.7, facing: centre)
            : .scuffle(
              poses: [.grabbing, .push, .grabbing, .hook], seconds: (peak - timing.onset) * 0.7,
              beat: 0.22, centre: centre + shift, reach: 0.2, facing: centre),
          .scuffle(
            poses: [.grabbing, .push, .swingLow], seconds: (peak - timing.onset) * 0.3, beat: 0.2,
            centre: centre + shift * 0.8, reach: 0.2, facing: centre),
          .go(to: exit + GroundPoint(0, 0.5 * Float(index)), speed: 4.6),
        ])
        if index == 0 {
          victim.change(to: [
            threatens
              ? .hold(.handsUp, seconds: (peak - timing.onset) * 0.7, facing: centre + shift)
              : .scuffle(
                poses: [.reel, .guardUp, .grabbing, .push], seconds: (peak - timing.onset) * 0.7,
                beat: 0.25, centre: centre, reach: 0.2, facing: centre + shift)
          ])
        }
      }
      guard index == 0 else { continue }
      let falls = life.g.chance(0.55)
      let chases = life.g.chance(0.5)
      world.at(peak) { _ in
        victim.held = .nothing
        robber.held = .bag
        var reaction: [PersonAction] = falls ? [.fall(.lying, seconds: 1.4)] : []
        reaction.append(.hold(.pointing, seconds: 0.7, facing: exit))
        reaction.append(
          chases
            ? .go(to: exit, speed: 3.3) : .hold(.bending, seconds: 30, facing: exit))
        victim.change(to: reaction)
      }
    }
    return [timing.onset...timing.end]
  }
}
