import Foundation

/// Smooth noise over the plane, from hashed lattice points: the grain of asphalt,
/// plaster and smoke.
enum ValueNoise {
  /// A number in [0, 1) for a lattice point; the same on every machine.
  @inline(__always)
  static func lattice(_ x: Int32, _ y: Int32, _ salt: UInt32 = 0) -> Float {
    var h = UInt32(bitPattern: x) &* 0x9E37_79B1 ^ UInt32(bitPattern: y) &* 0x85EB_CA77 ^ salt
    h = (h ^ (h >> 15)) &* 0x2C1B_3C6D
    h = (h ^ (h >> 12)) &* 0x297A_2D39
    h ^= h >> 15
    return Float(h >> 8) * 0x1p-24
  }

  /// Noise in [0, 1] with features of one unit.
  @inline(__always)
  static func value(_ x: Float, _ y: Float, _ salt: UInt32 = 0) -> Float {
    let fx = x.rounded(.down)
    let fy = y.rounded(.down)
    let ix = Int32(fx)
    let iy = Int32(fy)
    var tx = x - fx
    var ty = y - fy
    tx = tx * tx * (3 - 2 * tx)
    ty = ty * ty * (3 - 2 * ty)
    let top = lattice(ix, iy, salt) * (1 - tx) + lattice(ix &+ 1, iy, salt) * tx
    let bottom = lattice(ix, iy &+ 1, salt) * (1 - tx) + lattice(ix &+ 1, iy &+ 1, salt) * tx
    return top * (1 - ty) + bottom * ty
  }

  /// Three octaves of noise in [0, 1].
  @inline(__always)
  static func cloudy(_ x: Float, _ y: Float, _ salt: UInt32 = 0) -> Float {
    value(x, y, salt) * 0.55 + value(x * 2.1, y * 2.1, salt &+ 1) * 0.3
      + value(x * 4.3, y * 4.3, salt &+ 2) * 0.15
  }
}
