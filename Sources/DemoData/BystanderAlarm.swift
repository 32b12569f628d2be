import Foundation
import Records

/// Those who see an anomaly begin get away from it, most of them at a run.
enum BystanderAlarm {
  /// Plans the flight of `bystanders` from the scene's stage, once the event has
  /// begun at `onset` seconds of the clip; each starts after a moment of its own.
  static func stage(_ life: inout NormalActivity, bystanders: [Person], onset: Float) {
    let centre = life.scene.stage
    for person in bystanders where life.g.chance(0.85) {
      let delay = life.g.uniform(0.2, 1.2)
      let pace = life.g.uniform(3.2, 4.8)
      let drift = GroundPoint(life.g.uniform(-1.5, 1.5), life.g.uniform(-1, 1))
      life.world.at(onset + delay) { _ in
        guard person.isVisible else { return }
        let away = person.position + (person.position - centre).normalized * 14 + drift
        person.change(to: [.hold(.cower, seconds: 0.3, facing: nil), .go(to: away, speed: pace)])
      }
    }
  }
}
