import Foundation

/// What a wall or the ground is made of.
enum Surface: Sendable {
  case plain(Vector3)
  case plaster(Vector3)
  case brick(Vector3)
  case concrete(Vector3)
  /// A house front with rows of windows, `pitch` metres apart.
  case facade(wall: Vector3, pitch: SIMD2<Float>, salt: UInt32)
  /// Shop windows from 0.5 m to 2.7 m, a sign above, a wall over it.
  case shop(wall: Vector3, sign: Vector3, salt: UInt32)
  case shutter(Vector3)
  case foliage(Vector3)
  case asphalt
  case paving(Vector3)
  case grass
  case paint

  /// How a surface looks at a point.
  struct Look {
    var albedo: Vector3
    /// Light of its own, for windows and signs at night, 0 to 1.
    var glow: Vector3 = .zero
  }

  /// The look at a point of the world; `u` runs along the surface, `v` up (or
  /// along z on the ground), both in metres. `lit` is the share of lit windows,
  /// `sky` what glass mirrors.
  func look(u: Float, v: Float, lit: Float, sky: Vector3) -> Look {
    switch self {
    case .plain(let colour):
      return Look(albedo: colour)
    case .plaster(let colour):
      let grain = ValueNoise.cloudy(u * 1.3, v * 1.3) - 0.5
      let stain = max(0, 0.6 - v) * 0.25 * ValueNoise.value(u * 3, v * 3)
      return Look(albedo: colour * (1 + grain * 0.22 - stain))
    case .brick(let colour):
      let row = (v / 0.09).rounded(.down)
      let shift = Int32(row) & 1 == 0 ? Float(0) : 0.11
      let column = ((u + shift) / 0.22).rounded(.down)
      let inRow = v / 0.09 - row
      let inColumn = (u + shift) / 0.22 - column
      let mortar = inRow < 0.14 || inColumn < 0.06
      let tone = 0.82 + 0.36 * ValueNoise.lattice(Int32(column), Int32(row), 5)
      return Look(albedo: mortar ? Vector3(0.42, 0.40, 0.37) : colour * tone)
    case .concrete(let colour):
      let grain = ValueNoise.cloudy(u * 2, v * 2, 9) - 0.5
      let joint = abs(u / 2.4 - (u / 2.4).rounded()) < 0.008
      return Look(albedo: colour * (1 + grain * 0.25) * (joint ? 0.7 : 1))
    case .facade(let wall, let pitch, let salt):
      return facadeLook(u, v, wall: wall, pitch: pitch, salt: salt, lit: lit, sky: sky)
    case .shop(let wall, let sign, let salt):
      return shopLook(u, v, wall: wall, sign: sign, salt: salt, lit: lit, sky: sky)
    case .shutter(let colour):
      let slat = v / 0.11 - (v / 0.11).rounded(.down)
      return Look(albedo: colour * (0.75 + 0.3 * slat))
    case .foliage(let colour):
      let leaf = ValueNoise.cloudy(u * 5, v * 5, 3)
      return Look(albedo: colour * (0.35 + 1.1 * leaf))
    case .asphalt:
      let fine = ValueNoise.value(u * 14, v * 14, 1) - 0.5
      let broad = ValueNoise.cloudy(u * 0.35, v * 0.35, 2) - 0.5
      let crack = abs(ValueNoise.cloudy(u * 0.5, v * 0.5, 7) - 0.5) < 0.006 ? Float(0.7) : 1
      return Look(albedo: Vector3(0.135, 0.135, 0.14) * (1 + fine * 0.35 + broad * 0.5) * crack)
    case .paving(let colour):
      let tu = u / 0.6
      let tv = v / 0.6
      let joint = abs(tu - tu.rounded()) < 0.03 || abs(tv - tv.rounded()) < 0.03
      let tone =
        0.9 + 0.2 * ValueNoise.lattice(Int32(tu.rounded(.down)), Int32(tv.rounded(.down)), 11)
      let dirt = ValueNoise.cloudy(u * 0.7, v * 0.7, 4) - 0.5
      return Look(albedo: colour * tone * (1 + dirt * 0.3) * (joint ? 0.72 : 1))
    case .grass:
      let blade = ValueNoise.cloudy(u * 6, v * 6, 8)
      let patch = ValueNoise.cloudy(u * 0.5, v * 0.5, 12)
      return Look(albedo: Vector3(0.10 + 0.08 * patch, 0.17, 0.06) * (0.55 + 0.9 * blade))
    case .paint:
      let worn = ValueNoise.cloudy(u * 4, v * 4, 6)
      return Look(albedo: Vector3(0.62, 0.62, 0.59) * (worn > 0.68 ? 0.45 : 0.95))
    }
  }

  private func facadeLook(
    _ u: Float, _ v: Float, wall: Vector3, pitch: SIMD2<Float>, salt: UInt32, lit: Float,
    sky: Vector3
  ) -> Look {
    let column = (u / pitch.x).rounded(.down)
    let row = ((v - 0.4) / pitch.y).rounded(.down)
    let x = u / pitch.x - column
    let y = (v - 0.4) / pitch.y - row
    let grain = 1 + (ValueNoise.cloudy(u * 1.1, v * 1.1, salt) - 0.5) * 0.2
    if row < 0 { return Look(albedo: wall * 0.6 * grain) }
    if abs(y - 0.98) < 0.03 { return Look(albedo: wall * 1.15 * grain) }
    guard abs(x - 0.5) < 0.26, y > 0.28, y < 0.8 else { return Look(albedo: wall * grain) }
    let frame = abs(x - 0.5) > 0.23 || y < 0.31 || y > 0.77 || abs(x - 0.5) < 0.015
    if frame { return Look(albedo: Vector3(repeating: 0.55)) }
    let number = ValueNoise.lattice(Int32(column), Int32(row), salt)
    if number < lit {
      let tint = Vector3(1.0, 0.78, 0.45) * (0.25 + 0.5 * number / max(lit, 0.01))
      return Look(albedo: Vector3(repeating: 0.1), glow: tint)
    }
    let curtain = number > 0.75 && x > 0.5
    return curtain
      ? Look(albedo: Vector3(0.4, 0.38, 0.35))
      : Look(albedo: Vector3(repeating: 0.04), glow: sky * 0.22)
  }

  private func shopLook(
    _ u: Float, _ v: Float, wall: Vector3, sign: Vector3, salt: UInt32, lit: Float, sky: Vector3
  ) -> Look {
    let bay = (u / 3.2).rounded(.down)
    let x = u / 3.2 - bay
    let grain = 1 + (ValueNoise.cloudy(u * 1.1, v * 1.1, salt) - 0.5) * 0.18
    if v > 2.75 && v < 3.35 {
      // Letters are blocks of different widths.
      let letter = ValueNoise.lattice(Int32((u / 0.17).rounded(.down)), Int32(bay), salt &+ 3)
      let inside = v > 2.9 && v < 3.2 && x > 0.15 && x < 0.85 && letter > 0.4
      let glow = lit > 0.1 ? sign * (inside ? 1.0 : 0.35) : .zero
      return Look(albedo: inside ? Vector3(repeating: 0.75) : sign * 0.7, glow: glow)
    }
    if v > 3.35 {
      return facadeLook(
        u, v - 3.0, wall: wall, pitch: SIMD2(2.1, 2.9), salt: salt, lit: lit, sky: sky)
    }
    if v < 0.45 || x < 0.03 || x > 0.97 { return Look(albedo: wall * 0.8 * grain) }
    let mullion = abs(x - 0.5) < 0.012 || v < 0.52 || v > 2.68
    if mullion { return Look(albedo: Vector3(repeating: 0.25)) }
    // Shelves with goods behind the glass.
    let shelf = v / 0.55 - (v / 0.55).rounded(.down)
    let good = ValueNoise.lattice(
      Int32((u / 0.24).rounded(.down)), Int32((v / 0.55).rounded(.down)), salt)
    let colour = Vector3(
      0.15 + 0.6 * good, 0.2 + 0.5 * ValueNoise.lattice(Int32(good * 977), 3),
      0.15 + 0.5 * ValueNoise.lattice(Int32(good * 977), 7))
    let inside = (shelf > 0.15 && shelf < 0.2 + good * 0.6 ? colour : Vector3(repeating: 0.09))
    let shine: Float = lit > 0.1 ? 0.85 : 0.2
    return Look(albedo: Vector3(repeating: 0.03), glow: inside * shine + sky * 0.12)
  }
}
