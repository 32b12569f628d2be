import Foundation

/// A light that comes and goes: fire, a flash, headlights.
struct DynamicLight: Sendable {
  var position: Vector3
  /// The light that reaches a surface one metre away.
  var colour: Vector3
  /// Where the light is a beam: its direction; nil shines everywhere.
  var beam: Vector3?
  /// Beyond this many metres it is not looked at.
  var range: Float

  /// The light that reaches a point.
  @inline(__always)
  func reach(_ point: Vector3) -> Vector3 {
    let offset = point - position
    let squared = offset.dot(offset)
    guard squared < range * range else { return .zero }
    var share = 1 / (squared + 0.6)
    if let beam {
      let along = offset.dot(beam) / max(squared.squareRoot(), 0.01)
      share *= along.smoothStep(0.80, 0.97)
    }
    let edge = 1 - squared / (range * range)
    return colour * (share * edge)
  }
}

/// The light on what moves: the still scene's lamps and sky, and dynamic lights.
struct LightField {
  let scene: DemoScene
  let lighting: Lighting
  var lights: [DynamicLight] = []
  /// How far the flickering lamp is on.
  var lampShare: Float = 1

  /// The light at a point and the direction that shadows fall from.
  struct Sample {
    var ambient: Vector3
    var key: Vector3
    /// Towards the strongest light, in the world.
    var towards: Vector3
    /// How dark a shadow is, 0 to 1.
    var shadowStrength: Float
  }

  func sample(at point: Vector3) -> Sample {
    var ambient = lighting.skyLight * 0.85
    var key = Vector3.zero
    var towards = lighting.sunDirection
    if !scene.geometry.isShaded(point, towards: lighting.sunDirection) {
      key = lighting.sunColour
    }
    if lighting.isDark {
      var best: Float = 0
      var all: Float = 0
      for lamp in scene.lamps {
        let offset = lamp.position - point
        let facing = offset.normalized
        let reach = lamp.reach(point, normal: facing) * (lamp.flickers ? lampShare : 1)
        all += reach
        if reach > best {
          best = reach
          if (lighting.lampColour * reach).sum() > key.sum() { towards = facing }
        }
      }
      if towards != lighting.sunDirection {
        ambient += key * 0.3 + lighting.lampColour * (all - best) * 0.55
        key = lighting.lampColour * best
      }
    }
    let base = key
    for light in lights {
      let reach = light.reach(point)
      if reach.sum() > key.sum() {
        ambient += key * 0.4
        key = reach
        towards = (light.position - point).normalized
      } else {
        ambient += reach * 0.5
      }
    }
    let strength = lighting.shadowDepth * (base.sum() > 0.02 ? 1 : 0.3)
    return Sample(ambient: ambient, key: key, towards: towards, shadowStrength: strength)
  }

  /// The light as the canvas's shading of round things.
  func shading(_ sample: Sample, camera: Camera) -> Canvas.Shading {
    Canvas.Shading(
      ambient: sample.ambient, key: sample.key,
      direction: camera.viewDirection(sample.towards))
  }

  /// The light on a flat face.
  func light(_ sample: Sample, albedo: Vector3, normal: Vector3) -> Vector3 {
    let sky = sample.ambient * (0.75 + 0.25 * normal.y)
    return albedo * (sky + sample.key * max(0, normal.dot(sample.towards)))
  }
}
