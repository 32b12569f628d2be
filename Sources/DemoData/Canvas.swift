import Foundation

/// The frame that is being drawn, in linear light over a `SceneImage`. Everything
/// moving is made of three primitives: capsules, convex polygons and soft discs;
/// each is hidden where the still scene is nearer.
struct Canvas {
  private(set) var image: SceneImage
  /// Linear light, RGB interleaved; `SceneImage.white` is white.
  private(set) var light: [Int16]
  /// The frame's shadows, gathered before they are applied.
  private var shadow = [Float](repeating: 0, count: SceneImage.pixelCount)
  private var shadowRows = Camera.height..<Camera.height
  private var shadowColumns = Camera.width..<Camera.width

  var camera: Camera { image.camera }

  init(image: SceneImage) {
    self.image = image
    light = image.light
  }

  /// Paints a spot on a still surface for good.
  mutating func stain(_ point: Vector3, metres: Float, colour: Vector3) {
    guard let spot = camera.project(point) else { return }
    image.stain(spot, radius: metres * camera.focal / spot.depth, colour: colour)
  }

  /// Starts a frame from the still scene; `lampShare` is how far the flickering
  /// lamp is on.
  mutating func begin(lampShare: Float) {
    light = image.light
    guard image.hasFlicker, lampShare < 1 else { return }
    let share = Int32((1 - lampShare) * 256)
    let off = image.flicker
    for index in off.indices {
      light[index] &-= Int16(truncatingIfNeeded: (Int32(off[index]) &* share) >> 8)
    }
  }

  /// How one drawn thing is lit: light from all around, and light from a direction.
  struct Shading {
    var ambient: Vector3
    var key: Vector3
    /// Towards the light as the camera sees it: x right, y down, z to the camera.
    var direction: Vector3
  }

  /// A thick line with round ends, thicker at one end than at the other, shaded
  /// like a rounded limb.
  mutating func drawCapsule(
    _ a: Camera.Projection, _ b: Camera.Projection, radiusA: Float, radiusB: Float,
    albedo: Vector3, shading: Shading, opacity: Float = 1
  ) {
    let reach = max(radiusA, radiusB) + 1
    guard
      let box = pixels(
        min(a.x, b.x) - reach, max(a.x, b.x) + reach, min(a.y, b.y) - reach,
        max(a.y, b.y) + reach)
    else { return }
    let dx = b.x - a.x
    let dy = b.y - a.y
    let inverse = 1 / max(dx * dx + dy * dy, 1e-6)
    let base = albedo * shading.ambient * SceneImage.white
    let key = albedo * shading.key * SceneImage.white
    let direction = shading.direction
    for y in box.rows {
      let py = Float(y) + 0.5 - a.y
      for x in box.columns {
        let px = Float(x) + 0.5 - a.x
        let t = ((px * dx + py * dy) * inverse).clamped(0, 1)
        let radius = radiusA + (radiusB - radiusA) * t
        let ex = px - dx * t
        let ey = py - dy * t
        let squared = ex * ex + ey * ey
        let limit = radius + 0.5
        guard squared < limit * limit else { continue }
        let index = y * Camera.width + x
        guard image.depth[index] > a.depth + (b.depth - a.depth) * t - 0.25 else { continue }
        let coverage = min(limit - squared.squareRoot(), 1, radius * 2) * opacity
        let scale = 1 / max(radius, 0.5)
        let nx = ex * scale
        let ny = ey * scale
        let nz = max(0, 1 - nx * nx - ny * ny).squareRoot()
        let facing = max(0, nx * direction.x + ny * direction.y + nz * direction.z)
        blend(index, base * (0.82 - 0.22 * ny) + key * facing, coverage)
      }
    }
  }

  /// A convex polygon of one colour of light, its corners in either order.
  mutating func drawPolygon(
    _ corners: [Camera.Projection], light colour: Vector3, opacity: Float = 1
  ) {
    guard corners.count > 2 else { return }
    var low = SIMD2<Float>(repeating: .greatestFiniteMagnitude)
    var high = -low
    var depth: Float = 0
    var area: Float = 0
    for (index, corner) in corners.enumerated() {
      let next = corners[(index + 1) % corners.count]
      let point = SIMD2(corner.x, corner.y)
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
      depth += corner.depth / Float(corners.count)
      area += corner.x * next.y - next.x * corner.y
    }
    guard abs(area) > 0.3, let box = pixels(low.x - 1, high.x + 1, low.y - 1, high.y + 1) else {
      return
    }
    // Edges as signed distances, positive inside.
    let sign: Float = area > 0 ? 1 : -1
    let edges = corners.indices.map { index -> Vector3 in
      let a = corners[index]
      let b = corners[(index + 1) % corners.count]
      let normal = SIMD2(a.y - b.y, b.x - a.x) * sign
      let unit = normal / max(normal.length, 1e-6)
      return Vector3(unit.x, unit.y, -(unit.x * a.x + unit.y * a.y))
    }
    let value = colour * SceneImage.white
    for y in box.rows {
      for x in box.columns {
        let px = Float(x) + 0.5
        let py = Float(y) + 0.5
        var inside: Float = 1
        for edge in edges {
          inside = min(inside, edge.x * px + edge.y * py + edge.z + 0.5)
          if inside <= 0 { break }
        }
        guard inside > 0 else { continue }
        let index = y * Camera.width + x
        guard image.depth[index] > depth - 0.6 else { continue }
        blend(index, value, min(inside, 1) * opacity)
      }
    }
  }

  /// A soft disc: smoke, fire, glare. `grain` above 0 makes it billow; `added`
  /// light is added in place of covering what is behind.
  mutating func drawSoftDisc(
    _ centre: Camera.Projection, radius: Float, light colour: Vector3, opacity: Float,
    grain: Float = 0, salt: UInt32 = 0, adds: Bool = false, ignoresDepth: Bool = false
  ) {
    guard radius > 0.4, opacity > 0.004,
      let box = pixels(
        centre.x - radius, centre.x + radius, centre.y - radius, centre.y + radius)
    else { return }
    let value = colour * SceneImage.white
    let inverse = 1 / radius
    for y in box.rows {
      let py = (Float(y) + 0.5 - centre.y) * inverse
      for x in box.columns {
        let px = (Float(x) + 0.5 - centre.x) * inverse
        let squared = px * px + py * py
        guard squared < 1 else { continue }
        let index = y * Camera.width + x
        guard ignoresDepth || image.depth[index] > centre.depth - 0.5 else { continue }
        var coverage = 1 - squared
        coverage *= coverage
        if grain > 0 {
          let noise = ValueNoise.value(px * 2.6 + 31, py * 2.6 + 31, salt)
          coverage = (coverage * (1 + grain) - grain * noise * 0.9).clamped(0, 1)
        }
        if adds {
          add(index, value * (coverage * opacity))
        } else {
          blend(index, value, coverage * opacity)
        }
      }
    }
  }

  /// Adds a capsule's shadow on the ground; overlapping shadows do not add up.
  mutating func addShadow(
    _ a: Camera.Projection, _ b: Camera.Projection, radiusA: Float, radiusB: Float,
    strength: Float
  ) {
    let reach = max(radiusA, radiusB) + 1.5
    guard
      let box = pixels(
        min(a.x, b.x) - reach, max(a.x, b.x) + reach, min(a.y, b.y) - reach,
        max(a.y, b.y) + reach)
    else { return }
    growShadow(box)
    let dx = b.x - a.x
    let dy = b.y - a.y
    let inverse = 1 / max(dx * dx + dy * dy, 1e-6)
    for y in box.rows {
      // The ground is seen at a slant: a shadow is flatter than it is long.
      let py = Float(y) + 0.5 - a.y
      for x in box.columns {
        let px = Float(x) + 0.5 - a.x
        let t = ((px * dx + py * dy) * inverse).clamped(0, 1)
        let ex = px - dx * t
        let ey = (py - dy * t) * 1.7
        let distance = (ex * ex + ey * ey).squareRoot()
        let coverage = ((radiusA + (radiusB - radiusA) * t + 0.9 - distance) / 1.8).clamped(0, 1)
        guard coverage > 0 else { continue }
        let index = y * Camera.width + x
        guard image.axis[index] == 0,
          abs(image.depth[index] - (a.depth + (b.depth - a.depth) * t)) < 1.5
        else { continue }
        shadow[index] = max(shadow[index], coverage * strength)
      }
    }
  }

  /// Adds a polygon's shadow on the ground, its edge softened by `softness` pixels.
  mutating func addShadow(_ corners: [Camera.Projection], strength: Float, softness: Float) {
    guard corners.count > 2 else { return }
    let xs = corners.map(\.x)
    let ys = corners.map(\.y)
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max(),
      let box = pixels(left - softness, right + softness, top - softness, bottom + softness)
    else { return }
    growShadow(box)
    var area: Float = 0
    for index in corners.indices {
      let next = corners[(index + 1) % corners.count]
      area += corners[index].x * next.y - next.x * corners[index].y
    }
    let sign: Float = area > 0 ? 1 : -1
    let edges = corners.indices.map { index -> Vector3 in
      let a = corners[index]
      let b = corners[(index + 1) % corners.count]
      let normal = SIMD2(a.y - b.y, b.x - a.x) * sign
      let unit = normal / max(normal.length, 1e-6)
      return Vector3(unit.x, unit.y, -(unit.x * a.x + unit.y * a.y))
    }
    for y in box.rows {
      for x in box.columns {
        var inside: Float = softness
        for edge in edges {
          inside = min(inside, edge.x * (Float(x) + 0.5) + edge.y * (Float(y) + 0.5) + edge.z)
        }
        let coverage = (inside / (2 * softness) + 0.5).clamped(0, 1)
        guard coverage > 0 else { continue }
        let index = y * Camera.width + x
        guard image.axis[index] == 0 else { continue }
        shadow[index] = max(shadow[index], coverage * strength)
      }
    }
  }

  /// Darkens the frame by the shadows gathered and forgets them.
  mutating func applyShadows() {
    for y in shadowRows {
      for x in shadowColumns {
        let index = y * Camera.width + x
        let share = shadow[index]
        guard share > 0 else { continue }
        shadow[index] = 0
        let kept = Int32((1 - share * image.direct[index]) * 1024)
        for sample in index * 3..<index * 3 + 3 {
          light[sample] = Int16(truncatingIfNeeded: (Int32(light[sample]) &* kept) >> 10)
        }
      }
    }
    shadowRows = Camera.height..<Camera.height
    shadowColumns = Camera.width..<Camera.width
  }

  /// Puts a colour over a pixel.
  @inline(__always)
  mutating func blend(_ index: Int, _ value: Vector3, _ coverage: Float) {
    let pixel = index * 3
    let kept = 1 - coverage
    let limited = pointwiseMin(value, Vector3(repeating: 32000))
    light[pixel] = Int16(Float(light[pixel]) * kept + limited.x * coverage)
    light[pixel + 1] = Int16(Float(light[pixel + 1]) * kept + limited.y * coverage)
    light[pixel + 2] = Int16(Float(light[pixel + 2]) * kept + limited.z * coverage)
  }

  /// Adds light to a pixel.
  @inline(__always)
  mutating func add(_ index: Int, _ value: Vector3) {
    let pixel = index * 3
    light[pixel] = Int16(min(32000, Float(light[pixel]) + value.x))
    light[pixel + 1] = Int16(min(32000, Float(light[pixel + 1]) + value.y))
    light[pixel + 2] = Int16(min(32000, Float(light[pixel + 2]) + value.z))
  }

  /// The pixels of a rectangle that lie in the picture; nil where none does.
  func pixels(_ left: Float, _ right: Float, _ top: Float, _ bottom: Float) -> (
    rows: Range<Int>, columns: Range<Int>
  )? {
    guard right > 0, bottom > 0, left < Float(Camera.width), top < Float(Camera.height) else {
      return nil
    }
    let rows = Int(max(0, top))..<min(Camera.height, Int(min(bottom, 5000)) + 1)
    let columns = Int(max(0, left))..<min(Camera.width, Int(min(right, 5000)) + 1)
    return rows.isEmpty || columns.isEmpty ? nil : (rows, columns)
  }

  private mutating func growShadow(_ box: (rows: Range<Int>, columns: Range<Int>)) {
    shadowRows =
      shadowRows.isEmpty
      ? box.rows
      : min(
        shadowRows.lowerBound, box.rows.lowerBound)..<max(
          shadowRows.upperBound, box.rows.upperBound)
    shadowColumns =
      shadowColumns.isEmpty
      ? box.columns
      : min(
        shadowColumns.lowerBound, box.columns.lowerBound)..<max(
          shadowColumns.upperBound, box.columns.upperBound)
  }
}
