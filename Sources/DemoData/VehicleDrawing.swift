import Foundation

/// Draws cars: flat faces, lit each by its own normal, far ones first.
enum VehicleDrawing {
  /// Adds the shadow below the car and the one that the sun or a lamp casts.
  static func addShadow(_ vehicle: Vehicle, canvas: inout Canvas, sample: LightField.Sample) {
    let camera = canvas.camera
    let shape = vehicle.shape
    let half = shape.length / 2
    let side = shape.width / 2
    let foot = [
      Vector3(-side, 0, -half), Vector3(side, 0, -half), Vector3(side, 0, half),
      Vector3(-side, 0, half),
    ].map { point -> Vector3 in
      let world = vehicle.world(point)
      return Vector3(world.x, 0, world.z)
    }
    let projected = foot.compactMap(camera.project)
    guard projected.count == 4 else { return }
    canvas.addShadow(projected, strength: 0.75, softness: 2)
    guard sample.towards.y > 0.12 else { return }
    let slope = SIMD2(sample.towards.x, sample.towards.z) / max(sample.towards.y, 0.3)
    let top = shape.roof * 0.85
    let cast = foot.compactMap { point in
      camera.project(Vector3(point.x - slope.x * top, 0, point.z - slope.y * top))
    }
    canvas.addShadow(
      hull(projected + cast), strength: sample.shadowStrength * 0.85, softness: 1.2)
  }

  static func draw(
    _ vehicle: Vehicle, canvas: inout Canvas, field: LightField, sample: LightField.Sample
  ) {
    let camera = canvas.camera
    let centre = vehicle.world(Vector3(0, 0.7, 0))
    var visible: [(face: VehicleShape.Face, corners: [Vector3], normal: Vector3, depth: Float)] = []
    for face in vehicle.shape.faces() {
      let corners = face.corners.map(vehicle.world)
      var normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]).normalized
      let middle = corners.reduce(Vector3.zero, +) / Float(corners.count)
      if normal.dot(middle - centre) < 0 { normal = -normal }
      guard normal.dot(camera.position - middle) > 0 else { continue }
      visible.append((face, corners, normal, (middle - camera.position).dot(camera.forward)))
    }
    visible.sort { $0.depth > $1.depth }
    for item in visible {
      fill(item.face.material, item.corners, item.normal, vehicle, &canvas, field, sample)
      for detail in item.face.details {
        fill(
          detail.material, detail.corners.map(vehicle.world), item.normal, vehicle, &canvas, field,
          sample)
      }
    }
    drawGlare(vehicle, canvas: &canvas, dark: field.lighting.isDark)
  }

  /// The beams of the headlights, for `LightField.lights`.
  static func headlights(_ vehicle: Vehicle) -> DynamicLight? {
    guard vehicle.hasLightsOn else { return nil }
    let nose = vehicle.world(Vector3(0, 0.7, vehicle.shape.length / 2))
    let forward = vehicle.forward
    return DynamicLight(
      position: nose, colour: Vector3(1.0, 0.95, 0.82) * 6,
      beam: Vector3(forward.x, -0.07, forward.y).normalized, range: 15)
  }

  private static func fill(
    _ material: VehicleShape.Face.Material, _ corners: [Vector3], _ normal: Vector3,
    _ vehicle: Vehicle, _ canvas: inout Canvas, _ field: LightField, _ sample: LightField.Sample
  ) {
    let projected = corners.compactMap(canvas.camera.project)
    guard projected.count == corners.count else { return }
    // What the sky adds by mirroring: more on faces that look up.
    let mirrored = field.lighting.skyHorizon * (0.05 + 0.10 * max(0, normal.y))
    let light: Vector3
    switch material {
    case .paint:
      light =
        field.light(
          sample, albedo: vehicle.shape.paint * (1 - 0.35 * vehicle.damage), normal: normal)
        + mirrored * 0.5
    case .glass:
      light =
        vehicle.damage > 0.4
        ? field.light(sample, albedo: Vector3(0.22, 0.24, 0.25), normal: normal)
        : field.light(sample, albedo: Vector3(repeating: 0.02), normal: normal) + mirrored * 1.6
    case .rubber: light = field.light(sample, albedo: Vector3(repeating: 0.025), normal: normal)
    case .hub: light = field.light(sample, albedo: Vector3(repeating: 0.28), normal: normal)
    case .plate: light = field.light(sample, albedo: Vector3(0.6, 0.6, 0.5), normal: normal)
    case .headlight:
      light =
        vehicle.hasLightsOn
        ? Vector3(3, 2.9, 2.5)
        : field.light(sample, albedo: Vector3(repeating: 0.6), normal: normal) + mirrored
    case .tailLight:
      let lit: Float = vehicle.isBraking ? 1.6 : vehicle.hasLightsOn ? 0.45 : 0
      light =
        field.light(sample, albedo: Vector3(0.35, 0.02, 0.02), normal: normal)
        + Vector3(1, 0.06, 0.03) * lit
    }
    canvas.drawPolygon(projected, light: light)
  }

  private static func drawGlare(_ vehicle: Vehicle, canvas: inout Canvas, dark: Bool) {
    guard vehicle.hasLightsOn || (vehicle.isBraking && dark) else { return }
    let half = vehicle.shape.length / 2
    let side = vehicle.shape.width * 0.4
    for s in [-side, side] {
      for front in [true, false] where front ? vehicle.hasLightsOn : dark {
        let point = vehicle.world(Vector3(s, 0.68, front ? half : -half))
        let outward = vehicle.forward * (front ? 1 : -1)
        let toCamera = (canvas.camera.position - point).normalized
        let facing = toCamera.dot(Vector3(outward.x, 0, outward.y))
        guard facing > 0.1, let spot = canvas.camera.project(point) else { continue }
        let size = canvas.camera.focal * (front ? 0.34 : 0.18) / spot.depth
        let colour =
          front
          ? Vector3(1, 0.96, 0.85) * (0.15 + 1.5 * facing * facing * facing)
          : Vector3(1, 0.08, 0.04) * (vehicle.isBraking ? 0.7 : 0.25)
        canvas.drawSoftDisc(
          spot, radius: size * (1 + facing), light: colour, opacity: dark ? 0.7 : 0.25, adds: true)
      }
    }
  }

  /// The convex hull of points in the picture, by Andrew's chain.
  static func hull(_ points: [Camera.Projection]) -> [Camera.Projection] {
    let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    guard sorted.count > 2 else { return sorted }
    func half(_ list: [Camera.Projection]) -> [Camera.Projection] {
      var chain: [Camera.Projection] = []
      for point in list {
        while chain.count > 1 {
          let a = chain[chain.count - 2]
          let b = chain[chain.count - 1]
          let turn = (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
          if turn > 0 { break }
          chain.removeLast()
        }
        chain.append(point)
      }
      chain.removeLast()
      return chain
    }
    return half(sorted) + half(sorted.reversed())
  }
}
