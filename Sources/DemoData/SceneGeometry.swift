import Foundation

/// A rectangle of the ground with a surface of its own.
struct GroundPatch: Sendable {
  var x: ClosedRange<Float>
  var z: ClosedRange<Float>
  var surface: Surface
  /// Where above 0: the patch is there for `dash` metres and not there for as
  /// many, along the longer side.
  var dash: Float = 0

  @inline(__always)
  func covers(_ px: Float, _ pz: Float) -> Bool {
    guard px >= x.lowerBound, px <= x.upperBound, pz >= z.lowerBound, pz <= z.upperBound else {
      return false
    }
    guard dash > 0 else { return true }
    let along =
      x.upperBound - x.lowerBound > z.upperBound - z.lowerBound ? px : pz
    return (along / dash).rounded(.down).truncatingRemainder(dividingBy: 2) == 0
  }
}

/// A block parallel to the axes: a house, a wall, a pole, a bin.
struct Block: Sendable {
  var low: Vector3
  var high: Vector3
  var surface: Surface
  /// Light of its own by night, for lamp heads and signs.
  var glows = false
  /// Whether it is the ellipsoid that fits the block, for crowns of trees.
  var isRound = false

  /// Where a ray meets an ellipsoid first; nil where it passes.
  func roundHit(from origin: Vector3, direction: Vector3) -> (distance: Float, normal: Vector3)? {
    let centre = (low + high) / 2
    let radius = (high - low) / 2
    let start = (origin - centre) / radius
    let ray = direction / radius
    let a = ray.dot(ray)
    let b = start.dot(ray)
    let rest = b * b - a * (start.dot(start) - 1)
    guard rest > 0 else { return nil }
    let distance = (-b - rest.squareRoot()) / a
    guard distance > 0.02 else { return nil }
    return (distance, ((start + ray * distance) / radius).normalized)
  }
}

/// What stands still: the ground and the blocks on it.
struct SceneGeometry: Sendable {
  var ground: Surface = .asphalt
  /// Later patches lie over earlier ones.
  var patches: [GroundPatch] = []
  var blocks: [Block] = []

  /// Where a ray meets the scene.
  struct Hit {
    /// Metres times the direction's length.
    var distance: Float
    var normal: Vector3
    /// The block's index; -1 for the ground.
    var block: Int
  }

  /// The nearest thing that a ray meets; nil for the sky.
  func hit(from origin: Vector3, direction: Vector3) -> Hit? {
    var best = Hit(distance: .greatestFiniteMagnitude, normal: Vector3(0, 1, 0), block: -1)
    if direction.y < -1e-5 { best.distance = -origin.y / direction.y }
    let inverse = 1 / direction
    for (index, block) in blocks.enumerated() {
      if block.isRound {
        if let found = block.roundHit(from: origin, direction: direction),
          found.distance < best.distance
        {
          best = Hit(distance: found.distance, normal: found.normal, block: index)
        }
        continue
      }
      let a = (block.low - origin) * inverse
      let b = (block.high - origin) * inverse
      let near = pointwiseMin(a, b)
      let enter = near.max()
      let leave = pointwiseMax(a, b).min()
      guard enter > 0, enter < leave, enter < best.distance else { continue }
      best.distance = enter
      best.block = index
      best.normal =
        near.x == enter
        ? Vector3(direction.x > 0 ? -1 : 1, 0, 0)
        : near.y == enter
          ? Vector3(0, direction.y > 0 ? -1 : 1, 0) : Vector3(0, 0, direction.z > 0 ? -1 : 1)
    }
    return best.distance < 400 ? best : nil
  }

  /// Whether a block stands between a point and a far light.
  func isShaded(_ point: Vector3, towards direction: Vector3) -> Bool {
    let inverse = 1 / direction
    for block in blocks {
      if block.isRound {
        if block.roundHit(from: point, direction: direction) != nil { return true }
        continue
      }
      let a = (block.low - point) * inverse
      let b = (block.high - point) * inverse
      let enter = pointwiseMin(a, b).max()
      let leave = pointwiseMax(a, b).min()
      if leave > max(enter, 0.02) { return true }
    }
    return false
  }

  /// How the scene looks at a hit.
  func look(at point: Vector3, hit: Hit, lighting: Lighting) -> Surface.Look {
    if hit.block < 0 {
      var surface = ground
      for patch in patches where patch.covers(point.x, point.z) { surface = patch.surface }
      return surface.look(u: point.x, v: point.z, lit: 0, sky: .zero)
    }
    let block = blocks[hit.block]
    if block.glows && lighting.isDark {
      return Surface.Look(albedo: Vector3(repeating: 0.8), glow: Vector3(1.6, 1.35, 1.0))
    }
    let u = abs(hit.normal.x) > 0.5 ? point.z : point.x
    let v = abs(hit.normal.y) > 0.5 ? point.z : point.y
    return block.surface.look(u: u, v: v, lit: lighting.litWindows, sky: lighting.skyHorizon)
  }
}
