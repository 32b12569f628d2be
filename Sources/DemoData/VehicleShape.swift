import Foundation
import Records

/// A car's body: lengths in metres, in its own axes (x to the left, y up, z forward).
struct VehicleShape: Sendable {
  var length: Float
  var width: Float
  var belt: Float
  var bonnet: Float
  var roof: Float
  /// Where the windows begin and end: rear foot, rear top, front top, front foot.
  var cabin: SIMD4<Float>
  var paint: Vector3

  static func random(_ g: inout SeededGenerator) -> VehicleShape {
    let paint =
      g.pick([
        Vector3(0.62, 0.62, 0.63), Vector3(0.05, 0.05, 0.055), Vector3(0.34, 0.35, 0.37),
        Vector3(0.40, 0.04, 0.04), Vector3(0.05, 0.10, 0.28), Vector3(0.70, 0.70, 0.68),
        Vector3(0.10, 0.19, 0.13), Vector3(0.35, 0.30, 0.20),
      ]) * g.uniform(0.85, 1.1)
    switch Int.random(in: 0..<5, using: &g) {
    case 0, 1:
      return VehicleShape(
        length: 4.0, width: 1.74, belt: 0.92, bonnet: 0.86, roof: 1.48,
        cabin: SIMD4(-1.95, -1.45, 0.2, 0.85), paint: paint)
    case 2, 3:
      return VehicleShape(
        length: 4.6, width: 1.8, belt: 0.93, bonnet: 0.84, roof: 1.45,
        cabin: SIMD4(-1.75, -1.0, 0.3, 1.0), paint: paint)
    default:
      return VehicleShape(
        length: 4.9, width: 1.95, belt: 1.15, bonnet: 1.08, roof: 2.05,
        cabin: SIMD4(-2.42, -2.36, 1.0, 1.65), paint: paint)
    }
  }

  /// A flat part of the body with what lies on it.
  struct Face: Sendable {
    enum Material: Sendable { case paint, glass, rubber, headlight, tailLight, plate, hub }
    var corners: [Vector3]
    var material: Material
    var details: [Face] = []
  }

  /// All outer faces, corners in the car's axes.
  func faces() -> [Face] {
    let half = length / 2
    let side = width / 2
    let inner = side - 0.13
    let sill: Float = 0.26
    func quad(_ z1: Float, _ y1: Float, _ w1: Float, _ z2: Float, _ y2: Float, _ w2: Float)
      -> [Vector3]
    {
      [Vector3(-w1, y1, z1), Vector3(w1, y1, z1), Vector3(w2, y2, z2), Vector3(-w2, y2, z2)]
    }
    var faces: [Face] = []
    for s in [side, -side] {
      let roofX = s > 0 ? inner : -inner
      var lower = Face(
        corners: [
          Vector3(s, sill, -half + 0.05), Vector3(s, sill, half - 0.1),
          Vector3(s, bonnet - 0.28, half), Vector3(s, bonnet, half - 0.25),
          Vector3(s, belt, cabin.w), Vector3(s, belt, -half + 0.02),
        ], material: .paint)
      for z in [-half + 0.78, half - 0.82] {
        lower.details.append(
          Face(corners: Self.disc(x: s * 1.01, y: 0.32, z: z, radius: 0.33), material: .rubber))
        lower.details.append(
          Face(corners: Self.disc(x: s * 1.02, y: 0.32, z: z, radius: 0.18), material: .hub))
      }
      faces.append(lower)
      var upper = Face(
        corners: [
          Vector3(s, belt, cabin.x), Vector3(s, belt, cabin.w), Vector3(roofX, roof, cabin.z),
          Vector3(roofX, roof, cabin.y),
        ], material: .paint)
      let middle = (cabin.x + cabin.w) / 2 - 0.1
      for (rear, front) in [(cabin.x, middle - 0.05), (middle + 0.05, cabin.w)] {
        let top = roof - 0.1
        let rise: Float = 0.9
        let isRear = rear == cabin.x
        upper.details.append(
          Face(
            corners: [
              Vector3(s, belt + 0.05, rear + (isRear ? 0.16 : 0)),
              Vector3(s, belt + 0.05, front - (isRear ? 0 : 0.14)),
              Vector3(
                roofX * 1.01, top, isRear ? front : cabin.z + (cabin.w - cabin.z) * (1 - rise)),
              Vector3(
                roofX * 1.01, top, isRear ? cabin.y + (cabin.x - cabin.y) * (1 - rise) + 0.08 : rear
              ),
            ], material: .glass))
      }
      faces.append(upper)
    }
    faces.append(
      Face(corners: quad(half - 0.25, bonnet, side, cabin.w, belt, side), material: .paint))
    faces.append(
      Face(corners: quad(cabin.w, belt, side, cabin.z, roof, inner), material: .glass))
    faces.append(
      Face(corners: quad(cabin.z, roof, inner, cabin.y, roof, inner), material: .paint))
    faces.append(
      Face(corners: quad(cabin.y, roof, inner, cabin.x, belt, side), material: .glass))
    if cabin.x > -half + 0.1 {
      faces.append(
        Face(corners: quad(cabin.x, belt, side, -half + 0.02, belt, side), material: .paint))
    }
    faces.append(front(half: half, side: side, sill: sill))
    faces.append(rear(half: half, side: side, sill: sill))
    return faces
  }

  private func front(half: Float, side: Float, sill: Float) -> Face {
    let z = half - 0.02
    var face = Face(
      corners: [
        Vector3(-side, sill, z), Vector3(side, sill, z), Vector3(side, bonnet, half - 0.22),
        Vector3(-side, bonnet, half - 0.22),
      ], material: .paint)
    face.details.append(
      Face(
        corners: [
          Vector3(-side * 0.55, 0.38, half), Vector3(side * 0.55, 0.38, half),
          Vector3(side * 0.55, bonnet - 0.25, half), Vector3(-side * 0.55, bonnet - 0.25, half),
        ], material: .rubber))
    for s in [Float(-1), 1] {
      face.details.append(
        Face(
          corners: [
            Vector3(s * side * 0.96, bonnet - 0.30, half),
            Vector3(s * side * 0.62, bonnet - 0.30, half),
            Vector3(s * side * 0.62, bonnet - 0.12, half),
            Vector3(s * side * 0.96, bonnet - 0.10, half),
          ], material: .headlight))
    }
    return face
  }

  private func rear(half: Float, side: Float, sill: Float) -> Face {
    var face = Face(
      corners: [
        Vector3(-side, sill, -half + 0.04), Vector3(side, sill, -half + 0.04),
        Vector3(side, belt, -half + 0.02), Vector3(-side, belt, -half + 0.02),
      ], material: .paint)
    face.details.append(
      Face(
        corners: [
          Vector3(-0.26, 0.55, -half), Vector3(0.26, 0.55, -half), Vector3(0.26, 0.67, -half),
          Vector3(-0.26, 0.67, -half),
        ], material: .plate))
    for s in [Float(-1), 1] {
      face.details.append(
        Face(
          corners: [
            Vector3(s * side * 0.97, belt - 0.26, -half),
            Vector3(s * side * 0.70, belt - 0.26, -half),
            Vector3(s * side * 0.70, belt - 0.06, -half),
            Vector3(s * side * 0.97, belt - 0.06, -half),
          ], material: .tailLight))
    }
    return face
  }

  private static func disc(x: Float, y: Float, z: Float, radius: Float) -> [Vector3] {
    (0..<12).map { index in
      let angle = Float(index) * .pi / 6
      return Vector3(x, y + radius * sin(angle), z + radius * cos(angle))
    }
  }
}
