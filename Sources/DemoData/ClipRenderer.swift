import Foundation
import Records
import Video

/// Renders one planned clip, frame by frame.
struct ClipRenderer {
  let clip: DemoPlan.Clip
  /// The data's seed, which decides the scenes.
  let seed: UInt64

  /// The activity of a class; nil for normality.
  static func activity(of className: String) -> (any AnomalousActivity.Type)? {
    let all: [any AnomalousActivity.Type] = [
      FightingActivity.self, ExplosionActivity.self, RoadAccidentActivity.self,
      RobberyActivity.self, VandalismActivity.self,
    ]
    return all.first { $0.className == className }
  }

  /// Renders the frames in order into `body` and gives back the events, in frames
  /// from 0, half-open.
  func render(_ body: (RGBImage) throws -> Void) throws -> [Range<Int>] {
    var g = SeededGenerator(seed: clip.seed, purpose: "clip")
    var scene = DemoScene.make(number: clip.scene, seed: seed)
    let lighting = Lighting(hour: clip.hour, generator: &g)
    let rate = Float(DemoPlan.frameRate)
    let duration = Float(clip.frameCount) / rate
    // Most footage is uneventful: one clip in three, of either label, has an everyday
    // incident that a detector may take for more.
    var incidents: [NormalActivity.Incident] = []
    if g.chance(0.35) {
      incidents =
        clip.className == "Normal"
        ? [g.pick(NormalActivity.Incident.allCases)]
        : [g.pick([.runner, .cyclists, .door, .greeting])]
    }
    if incidents.contains(.lampFlicker), !scene.lamps.isEmpty { scene.lamps[0].flickers = true }
    let world = World(scene: scene, lighting: lighting, seed: clip.seed)
    var life = NormalActivity(world: world, g: g, duration: duration)
    life.populate(calm: clip.className == RoadAccidentActivity.className)
    for incident in incidents { life.play(incident) }
    let bystanders = world.people
    let seconds = Self.activity(of: clip.className).map { activity in
      activity.stage(&life, Self.timing(duration: duration, &life.g))
    }
    // An explosion plans its own panic.
    if let onset = seconds?.first?.lowerBound, clip.className != ExplosionActivity.className {
      BystanderAlarm.stage(&life, bystanders: bystanders, onset: onset)
    }
    let sensor = Sensor(lighting: lighting, seed: clip.seed)
    for frame in 0..<clip.frameCount {
      world.step(1 / rate)
      try body(world.draw(sensor: sensor, frame: frame))
    }
    return (seconds ?? []).map { range in
      let first = Int((range.lowerBound * rate).rounded()) - 1
      let last = Int((range.upperBound * rate).rounded())
      return max(0, first)..<min(clip.frameCount, last)
    }
  }

  private static func timing(duration: Float, _ g: inout SeededGenerator) -> AnomalyTiming {
    let onset = duration * g.uniform(0.25, 0.4)
    let length = g.uniform(3.4, min(6, duration - onset - 1.2))
    return AnomalyTiming(
      onset: onset, peak: onset + length * g.uniform(0.45, 0.6), end: onset + length,
      intensity: g.uniform(0.35, 1))
  }
}
