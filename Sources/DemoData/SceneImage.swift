import Foundation

/// The still scene as the camera sees it under one light: the picture that every
/// frame starts from, and what is needed to light it anew and to stand before or
/// behind it.
struct SceneImage {
  static let pixelCount = Camera.width * Camera.height
  /// What stands for white in linear 16-bit light; there is room for 8 times that.
  static let white: Float = 4096

  /// Linear light, RGB interleaved.
  private(set) var light = [Int16](repeating: 0, count: pixelCount * 3)
  /// The light that a flickering lamp takes away when it is off.
  private(set) var flicker = [Int16](repeating: 0, count: pixelCount * 3)
  /// The surface's colour, 255 for 1, RGB interleaved.
  private(set) var albedo = [UInt8](repeating: 0, count: pixelCount * 3)
  /// Metres along the viewing direction; far for the sky.
  private(set) var depth = [Float](repeating: 0, count: pixelCount)
  /// The share of the light that a shadow of the sun or a lamp takes away, 0 to 1.
  private(set) var direct = [Float](repeating: 0, count: pixelCount)
  /// The surface's axis: 0 up, 1 x, 2 z, 3 sky.
  private(set) var axis = [UInt8](repeating: 0, count: pixelCount)
  let camera: Camera
  private(set) var hasFlicker = false

  init(scene: DemoScene, lighting: Lighting) {
    camera = scene.camera
    hasFlicker = scene.lamps.contains(where: \.flickers) && lighting.isDark
    render(scene, lighting)
  }

  /// Covers a spot of what is there with a colour, keeping the light on it.
  mutating func stain(_ centre: Camera.Projection, radius: Float, colour: Vector3) {
    let reach = radius + 1
    let frame = (x: Float(Camera.width - 1), y: Float(Camera.height - 1))
    guard centre.x > -reach, centre.y > -reach, centre.x < frame.x + reach,
      centre.y < frame.y + reach
    else { return }
    let rows =
      Int((centre.y - reach).clamped(0, frame.y))...Int((centre.y + reach).clamped(0, frame.y))
    let columns =
      Int((centre.x - reach).clamped(0, frame.x))...Int((centre.x + reach).clamped(0, frame.x))
    for y in rows {
      for x in columns {
        let dx = Float(x) + 0.5 - centre.x
        let dy = Float(y) + 0.5 - centre.y
        let share = (radius + 0.5 - (dx * dx + dy * dy).squareRoot()).clamped(0, 1) * 0.7
        let pixel = y * Camera.width + x
        guard share > 0, abs(depth[pixel] - centre.depth) < 0.7 else { continue }
        for channel in 0..<3 {
          let index = pixel * 3 + channel
          // The light on the surface is what it shows, divided by its colour; glass shows
          // the sky, so dark surfaces count as less dark than they are.
          let light = Float(self.light[index]) / max(Float(albedo[index]), 70) * 255
          let painted = min(32000, light * colour[channel])
          self.light[index] = Int16(Float(self.light[index]) * (1 - share) + painted * share)
          albedo[index] = UInt8(
            Float(albedo[index]) * (1 - share) + colour[channel] * 255 * share)
        }
      }
    }
  }

  private struct Sample {
    var light = Vector3.zero
    var flicker = Vector3.zero
    var albedo = Vector3.zero
    var direct: Float = 0
    var depth: Float = 1000
    var axis: UInt8 = 3
  }

  private mutating func render(_ scene: DemoScene, _ lighting: Lighting) {
    // Four rays a pixel, on a rotated grid.
    let offsets: [SIMD2<Float>] = [
      SIMD2(0.375, 0.125), SIMD2(0.875, 0.375), SIMD2(0.125, 0.625), SIMD2(0.625, 0.875),
    ]
    for y in 0..<Camera.height {
      for x in 0..<Camera.width {
        var sum = Sample()
        var nearest = Sample()
        for offset in offsets {
          let sample = trace(
            camera.ray(x: Float(x) + offset.x, y: Float(y) + offset.y), scene, lighting)
          sum.light += sample.light
          sum.flicker += sample.flicker
          sum.albedo += sample.albedo
          sum.direct += sample.direct
          if sample.depth < nearest.depth { nearest = sample }
        }
        let pixel = y * Camera.width + x
        // Lenses darken corners a little.
        let dx = (Float(x) - 160) / 200
        let dy = (Float(y) - 120) / 200
        let vignette = 1 - 0.18 * (dx * dx + dy * dy)
        for channel in 0..<3 {
          let value = sum.light[channel] / 4 * vignette
          light[pixel * 3 + channel] = Int16((value * Self.white).clamped(0, 32000))
          flicker[pixel * 3 + channel] = Int16(
            (sum.flicker[channel] / 4 * vignette * Self.white).clamped(0, 32000))
          albedo[pixel * 3 + channel] = UInt8((sum.albedo[channel] / 4 * 255).clamped(0, 255))
        }
        direct[pixel] = sum.direct / 4
        depth[pixel] = nearest.depth
        axis[pixel] = nearest.axis
      }
    }
  }

  private func trace(_ direction: Vector3, _ scene: DemoScene, _ lighting: Lighting) -> Sample {
    var sample = Sample()
    guard let hit = scene.geometry.hit(from: camera.position, direction: direction) else {
      let height = direction.normalized.y
      let share = (height / 0.5).clamped(0, 1)
      sample.light = lighting.skyHorizon * (1 - share) + lighting.skyTop * share
      return sample
    }
    let point = camera.position + direction * hit.distance
    let look = scene.geometry.look(at: point, hit: hit, lighting: lighting)
    let start = point + hit.normal * 0.02
    var sun = Vector3.zero
    let facing = lighting.sunDirection.dot(hit.normal)
    if facing > 0 && !scene.geometry.isShaded(start, towards: lighting.sunDirection) {
      sun = lighting.sunColour * facing
    }
    var lamps: Float = 0
    var flickering: Float = 0
    if lighting.isDark {
      for lamp in scene.lamps {
        let reach = lamp.reach(point, normal: hit.normal)
        lamps += reach
        if lamp.flickers { flickering += reach }
      }
    }
    // Walls see half the sky and some light from the ground.
    let sky = lighting.skyLight * (0.68 + 0.32 * hit.normal.y)
    let all = sky + sun + lighting.lampColour * lamps
    let haze = 1 - exp(-hit.distance / 450)
    sample.light =
      (look.albedo * all + look.glow) * (1 - haze) + lighting.skyHorizon * 0.6 * haze
    sample.flicker = look.albedo * lighting.lampColour * flickering
    sample.albedo = look.albedo
    let brightness = all.sum()
    sample.direct = (sun.sum() + lighting.lampColour.sum() * lamps * 0.75) / max(brightness, 1e-4)
    // The direction has unit depth, so the distance along it is the depth.
    sample.depth = hit.distance
    sample.axis = abs(hit.normal.y) > 0.5 ? 0 : abs(hit.normal.x) > 0.5 ? 1 : 2
    return sample
  }
}
