import Foundation

/// A point or direction of the rendered world, in metres: x to the right, y up,
/// z away from the camera.
typealias Vector3 = SIMD3<Float>

/// A point on the ground: x and z in metres.
typealias GroundPoint = SIMD2<Float>

extension SIMD3 where Scalar == Float {
  func dot(_ other: Vector3) -> Float { (self * other).sum() }
  var length: Float { dot(self).squareRoot() }
  var normalized: Vector3 { self / Swift.max(length, 1e-9) }
  func cross(_ other: Vector3) -> Vector3 {
    Vector3(
      y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }
}

extension SIMD2 where Scalar == Float {
  var length: Float { (self * self).sum().squareRoot() }
  var normalized: GroundPoint { self / Swift.max(length, 1e-9) }
  /// The point at a height above the ground.
  func raised(_ height: Float) -> Vector3 { Vector3(x, height, y) }
  /// The direction's angle: 0 looks along +z, a quarter turn along +x.
  var heading: Float { Foundation.atan2(x, y) }
}

extension Float {
  func clamped(_ low: Float, _ high: Float) -> Float { Swift.min(Swift.max(self, low), high) }
  /// 0 below `low`, 1 above `high`, smooth between.
  func smoothStep(_ low: Float, _ high: Float) -> Float {
    let t = ((self - low) / (high - low)).clamped(0, 1)
    return t * t * (3 - 2 * t)
  }
}
