import Foundation

/// A pinhole camera that does not move.
struct Camera: Sendable {
  static let width = 320
  static let height = 240

  let position: Vector3
  /// The focal length in pixels.
  let focal: Float
  let right: Vector3
  let up: Vector3
  let forward: Vector3

  /// `yaw` turns to the right, `pitch` down, `roll` clockwise, in radians.
  init(position: Vector3, yaw: Float, pitch: Float, roll: Float = 0, focal: Float) {
    self.position = position
    self.focal = focal
    forward = Vector3(sin(yaw) * cos(pitch), -sin(pitch), cos(yaw) * cos(pitch))
    let level = Vector3(cos(yaw), 0, -sin(yaw))
    let upright = forward.cross(level)
    right = level * cos(roll) - upright * sin(roll)
    up = upright * cos(roll) + level * sin(roll)
  }

  /// A point of the picture: pixels, and metres along the viewing direction.
  struct Projection {
    var x: Float
    var y: Float
    var depth: Float
  }

  /// Where a point appears; nil behind the camera or right before it.
  @inline(__always)
  func project(_ point: Vector3) -> Projection? {
    let offset = point - position
    let depth = offset.dot(forward)
    guard depth > 0.4 else { return nil }
    let scale = focal / depth
    return Projection(
      x: Float(Self.width) / 2 + offset.dot(right) * scale,
      y: Float(Self.height) / 2 - offset.dot(up) * scale, depth: depth)
  }

  /// The direction through a point of the picture, with unit depth.
  @inline(__always)
  func ray(x: Float, y: Float) -> Vector3 {
    forward + right * ((x - Float(Self.width) / 2) / focal)
      - up * ((y - Float(Self.height) / 2) / focal)
  }

  /// A world direction as seen by the camera: x right, y down, z towards it.
  func viewDirection(_ direction: Vector3) -> Vector3 {
    Vector3(direction.dot(right), -direction.dot(up), -direction.dot(forward))
  }
}
