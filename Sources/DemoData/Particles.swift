import Foundation
import Records

/// Fire, smoke, debris and splinters.
struct Particles {
  enum Kind: Sendable { case fire, smoke, debris, glass, paint }

  private struct Particle {
    var kind: Kind
    var position: Vector3
    var velocity: Vector3
    var age: Float = 0
    var life: Float
    var size: Float
    var shade: Float
    var salt: UInt32
  }

  private var particles: [Particle] = []
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed, purpose: "particles") }

  var isEmpty: Bool { particles.isEmpty }

  /// Throws `count` particles from a point; `speed` in metres a second, `size` in
  /// metres, `life` in seconds.
  mutating func emit(
    _ kind: Kind, count: Int, at point: Vector3, speed: Float, size: Float, life: Float,
    spread: Float = 0.3, drift: Vector3 = .zero
  ) {
    for _ in 0..<count {
      var direction = Vector3(
        generator.uniform(-1, 1), generator.uniform(0.1, 1), generator.uniform(-1, 1))
      if kind == .glass || kind == .paint { direction.y = generator.uniform(-0.3, 0.8) }
      let start =
        point
        + Vector3(
          generator.uniform(-spread, spread), generator.uniform(0, spread),
          generator.uniform(-spread, spread))
      particles.append(
        Particle(
          kind: kind, position: start,
          velocity: direction.normalized * (speed * generator.uniform(0.3, 1)) + drift,
          life: life * generator.uniform(0.6, 1.2), size: size * generator.uniform(0.6, 1.3),
          shade: generator.uniform(0, 1), salt: UInt32(truncatingIfNeeded: generator.next())))
    }
  }

  mutating func step(_ seconds: Float) {
    for index in particles.indices {
      particles[index].age += seconds
      switch particles[index].kind {
      case .fire:
        particles[index].velocity *= max(0, 1 - 3.2 * seconds)
        particles[index].velocity.y += 2.6 * seconds
      case .smoke:
        particles[index].velocity *= max(0, 1 - 1.4 * seconds)
        particles[index].velocity.y += 1.1 * seconds
        particles[index].velocity.x += 0.25 * seconds
      case .debris, .glass, .paint:
        particles[index].velocity.y -= 9.8 * seconds
      }
      particles[index].position += particles[index].velocity * seconds
      if particles[index].position.y < 0.04 {
        particles[index].position.y = 0.04
        particles[index].velocity = particles[index].velocity * Vector3(0.45, -0.25, 0.45)
      }
    }
    particles.removeAll { $0.age > $0.life }
  }

  /// Draws all particles, far ones first.
  func draw(canvas: inout Canvas, field: LightField) {
    let camera = canvas.camera
    let ordered = particles.map { ($0, camera.project($0.position)) }
      .sorted { ($0.1?.depth ?? 0) > ($1.1?.depth ?? 0) }
    for (particle, projected) in ordered {
      guard let spot = projected else { continue }
      let age = particle.age / particle.life
      let scale = camera.focal / spot.depth
      switch particle.kind {
      case .fire:
        let heat = 1 - age
        let colour =
          Vector3(2.6, 0.5 + 1.5 * heat, 0.08 + 0.7 * heat * heat) * (0.35 + 0.9 * heat)
        canvas.drawSoftDisc(
          spot, radius: particle.size * (0.6 + 1.1 * age) * scale, light: colour,
          opacity: 0.8 * heat, grain: 0.5, salt: particle.salt)
      case .smoke:
        let sample = field.sample(at: particle.position)
        let shade = 0.07 + 0.14 * particle.shade
        let light = (sample.ambient + sample.key * 0.5) * shade
        canvas.drawSoftDisc(
          spot, radius: particle.size * (0.5 + 1.8 * age) * scale, light: light,
          opacity: 0.62 * min(1, age * 8) * (1 - age), grain: 0.7, salt: particle.salt)
      case .debris:
        canvas.drawSoftDisc(
          spot, radius: max(0.9, particle.size * scale),
          light: Vector3(0.05, 0.045, 0.04) * (1 + 3 * particle.shade * (1 - age)), opacity: 0.9)
      case .glass:
        let sample = field.sample(at: particle.position)
        let glint: Float = particle.salt & 3 == UInt32(age * 40) & 3 ? 1.6 : 0.5
        canvas.drawSoftDisc(
          spot, radius: max(0.8, particle.size * scale),
          light: (sample.ambient + sample.key) * glint, opacity: 0.75 * (1 - age))
      case .paint:
        canvas.drawSoftDisc(
          spot, radius: max(1, particle.size * scale * (1 + 3 * age)),
          light: field.sample(at: particle.position).ambient * 0.8, opacity: 0.18 * (1 - age))
      }
    }
  }
}
