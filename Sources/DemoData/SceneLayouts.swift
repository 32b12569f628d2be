import Foundation
import Records

/// The five kinds of place. Each is varied by the generator: distances, houses,
/// colours, lamps, the camera's height and angle.
extension DemoScene {
  /// A road along the picture with pavements on both sides.
  static func street(_ g: inout SeededGenerator) -> DemoScene {
    let near = g.uniform(8.8, 9.8)
    let far = near + g.uniform(8.2, 8.8)
    let front = far + g.uniform(2.6, 3.6)
    let yaw = g.uniform(-0.35, 0.35)
    var scene = DemoScene(
      layout: .street,
      camera: Camera(
        position: Vector3(-yaw * 6, g.uniform(4.2, 5.4), 0), yaw: yaw,
        pitch: g.uniform(0.26, 0.34), roll: g.uniform(-0.02, 0.02),
        focal: g.uniform(235, 275)),
      stage: GroundPoint(g.uniform(-0.8, 0.8), near - 1.7), stageSize: GroundPoint(3.2, 1.1))
    let paving = pavingColour(&g)
    scene.geometry.ground = .paving(paving)
    scene.addRoad(z: near...far, kerb: paving)
    scene.addFacades(x: -45...45, z: front, shops: g.chance(0.5), &g)
    for index in -2...2 {
      scene.addLamp(
        GroundPoint(Float(index) * 9 + g.uniform(-1, 1), far + 0.6), height: g.uniform(5, 6),
        reach: 0.01)
    }
    scene.lamps.append(Lamp(position: Vector3(-2.5, 5.5, near - 3.2), strength: 1.0))
    if g.chance(0.6) { scene.addTree(GroundPoint(g.uniform(-8, -4), far + 1), &g) }
    if g.chance(0.6) { scene.addTree(GroundPoint(g.uniform(4, 9), far + 1), &g) }
    scene.walks = [
      [GroundPoint(-13, near - 1.2), GroundPoint(13, near - 1.0)],
      [GroundPoint(-11, near - 2.6), GroundPoint(11, near - 2.4)],
      [GroundPoint(-22, far + 1.4), GroundPoint(22, far + 1.5)],
    ]
    scene.bays = [
      Bay(position: GroundPoint(g.uniform(-6, -3.4), near + 1.05), heading: .pi / 2),
      Bay(position: GroundPoint(g.uniform(2.6, 5.4), near + 1.05), heading: .pi / 2),
    ]
    scene.walls = [
      WallSpot(foot: GroundPoint(g.uniform(-3, 3), front + 0.5), outward: GroundPoint(0, -1))
    ]
    scene.doors = [GroundPoint(g.uniform(-5, 5), front)]
    scene.conflict = GroundPoint(g.uniform(-1, 1.5), (near + far) / 2 + 1)
    return scene
  }

  /// Two roads that cross, with zebra stripes.
  static func crossing(_ g: inout SeededGenerator) -> DemoScene {
    let near = g.uniform(9.6, 10.6)
    let far = near + 8.4
    let half: Float = 3.4
    let shift = g.uniform(-2, 2)
    let yaw = g.uniform(-0.22, 0.22)
    var scene = DemoScene(
      layout: .crossing,
      camera: Camera(
        position: Vector3(shift - yaw * 6, g.uniform(5.2, 6.6), 0), yaw: yaw,
        pitch: g.uniform(0.30, 0.38), roll: g.uniform(-0.02, 0.02),
        focal: g.uniform(225, 260)),
      stage: GroundPoint(shift > 0 ? 5.0 : -5.0, near - 1.4), stageSize: GroundPoint(1.3, 1.2))
    let paving = pavingColour(&g)
    scene.geometry.ground = .paving(paving)
    scene.addRoad(z: near...far, kerb: paving)
    scene.geometry.patches.append(
      GroundPatch(x: -half...half, z: -20...80, surface: .asphalt))
    scene.geometry.patches.append(
      GroundPatch(x: -0.07...0.07, z: far + 3...80, surface: .paint, dash: 2))
    for stripe in 0..<6 {
      let x = -half + 0.4 + Float(stripe) * 1.1
      scene.geometry.patches.append(
        GroundPatch(x: x...x + 0.55, z: near - 3...near - 0.7, surface: .paint))
      scene.geometry.patches.append(
        GroundPatch(x: x...x + 0.55, z: far + 0.7...far + 3, surface: .paint))
    }
    scene.lanes += [
      Lane(start: GroundPoint(1.7, -6), end: GroundPoint(1.7, 60)),
      Lane(start: GroundPoint(-1.7, 60), end: GroundPoint(-1.7, -6)),
    ]
    scene.addFacades(x: -45 ... -half - 2.6, z: far + 3.4, shops: true, &g)
    scene.addFacades(x: half + 2.6...45, z: far + 3.4, shops: g.chance(0.5), &g)
    // The street goes on between houses to a front at its end.
    for side in [Float(-1), 1] {
      var z = far + 13
      while z < 68 {
        let length = g.uniform(9, 14)
        let x = side * (half + 2.4 + g.uniform(0, 0.6))
        scene.geometry.blocks.append(
          Block(
            low: Vector3(min(x, x + side * 12), 0, z),
            high: Vector3(max(x, x + side * 12), g.uniform(7, 13), z + length),
            surface: .facade(
              wall: wallColour(&g), pitch: SIMD2(2.4, 3),
              salt: UInt32(truncatingIfNeeded: g.next()))))
        z += length
      }
    }
    scene.addFacades(x: -25...25, z: 80, shops: false, &g)
    for x in [-half - 0.8, half + 0.8] {
      scene.addLamp(GroundPoint(x, far + 0.8), height: 5.6, reach: x > 0 ? -1.6 : 1.6)
      scene.addLamp(GroundPoint(x * 3.2, far + 0.8), height: 5.6, reach: 0.01)
    }
    scene.lamps.append(Lamp(position: Vector3(-5, 5.5, near - 2), strength: 1))
    scene.lamps.append(Lamp(position: Vector3(5, 5.5, near - 2), strength: 1))
    scene.walks = [
      [
        GroundPoint(-13, near - 1.8), GroundPoint(-half, near - 1.8),
        GroundPoint(half, near - 1.8), GroundPoint(13, near - 1.6),
      ],
      [GroundPoint(-20, far + 1.8), GroundPoint(20, far + 1.8)],
      [
        GroundPoint(half + 1.2, 2), GroundPoint(half + 1.2, near - 1.6),
        GroundPoint(14, near - 1.2),
      ],
      [
        GroundPoint(-half - 1.4, 2), GroundPoint(-half - 1.4, near - 1.6),
        GroundPoint(-14, near - 1.2),
      ],
    ]
    scene.bays = [
      Bay(position: GroundPoint(g.uniform(8, 9.5), near + 1.05), heading: .pi / 2),
      Bay(position: GroundPoint(g.uniform(-9, -7), near + 1.05), heading: .pi / 2),
    ]
    scene.walls = [WallSpot(foot: GroundPoint(7, far + 3.9), outward: GroundPoint(0, -1))]
    scene.doors = [GroundPoint(-8, far + 3.4)]
    scene.conflict = GroundPoint(g.uniform(-0.6, 0.6), (near + far) / 2 + 1)
    return scene
  }

  /// Marked bays on both sides of a driveway.
  static func carPark(_ g: inout SeededGenerator) -> DemoScene {
    let drive = g.uniform(9.8, 10.8)
    let yaw = g.uniform(-0.3, 0.3)
    var scene = DemoScene(
      layout: .carPark,
      camera: Camera(
        position: Vector3(-yaw * 7, g.uniform(4.8, 6.2), 0), yaw: yaw,
        pitch: g.uniform(0.30, 0.38), roll: g.uniform(-0.025, 0.025),
        focal: g.uniform(230, 265)),
      stage: GroundPoint(g.uniform(-1, 1), drive - 2.1), stageSize: GroundPoint(3, 0.9))
    scene.geometry.ground = .asphalt
    for index in -8...8 {
      let x = Float(index) * 2.7
      scene.geometry.patches.append(
        GroundPatch(x: x - 0.06...x + 0.06, z: drive + 3.2...drive + 8, surface: .paint))
      scene.geometry.patches.append(
        GroundPatch(x: x - 0.06...x + 0.06, z: drive - 8.4...drive - 3.6, surface: .paint))
    }
    let back = drive + 9.2
    scene.geometry.patches.append(GroundPatch(x: -120...120, z: back...100, surface: .grass))
    let wall = wallColour(&g)
    scene.geometry.blocks.append(
      Block(
        low: Vector3(-60, 0, back), high: Vector3(60, g.uniform(0.9, 1.6), back + 0.3),
        surface: g.chance(0.5) ? .brick(wall * 0.8) : .concrete(wall)))
    scene.addFacades(x: -45...45, z: back + 10, shops: false, &g)
    for index in -3...3 where g.chance(0.7) {
      scene.addTree(GroundPoint(Float(index) * 6 + g.uniform(-2, 2), back + 2.5), &g)
    }
    for index in -1...1 {
      scene.addLamp(
        GroundPoint(Float(index) * 10.8 + 0.01, back - 0.5), height: 6, reach: 0.02)
    }
    scene.lamps.append(Lamp(position: Vector3(-4, 6, drive - 2), strength: 1))
    scene.lamps.append(Lamp(position: Vector3(5, 6, drive - 2), strength: 1))
    scene.lanes = [
      Lane(start: GroundPoint(-30, drive + 2.0), end: GroundPoint(30, drive + 2.0)),
      Lane(start: GroundPoint(30, drive + 0.1), end: GroundPoint(-30, drive + 0.1)),
    ]
    for index in -6...6 where g.chance(0.62) {
      scene.bays.append(
        Bay(
          position: GroundPoint(Float(index) * 2.7 + 1.35, drive + 5.6),
          heading: g.chance(0.5) ? 0 : .pi))
    }
    if scene.bays.isEmpty {
      scene.bays = [Bay(position: GroundPoint(1.35, drive + 5.6), heading: 0)]
    }
    scene.walks = [
      [GroundPoint(-13, drive - 2.0), GroundPoint(13, drive - 1.9)],
      [GroundPoint(-12, drive - 3.2), GroundPoint(12, drive - 3.0)],
      [GroundPoint(-18, drive + 8.6), GroundPoint(18, drive + 8.6)],
    ]
    scene.walls = [WallSpot(foot: GroundPoint(g.uniform(-2, 2), back), outward: GroundPoint(0, -1))]
    scene.conflict = GroundPoint(g.uniform(-1, 1), drive + 1.2)
    return scene
  }

  /// A row of shops across a wide pavement, the road at the lower edge.
  static func shopFront(_ g: inout SeededGenerator) -> DemoScene {
    let front = g.uniform(10.8, 12.2)
    let yaw = g.uniform(-0.3, 0.3)
    var scene = DemoScene(
      layout: .shopFront,
      camera: Camera(
        position: Vector3(-yaw * 6, g.uniform(3.4, 4.4), 0), yaw: yaw,
        pitch: g.uniform(0.18, 0.25), roll: g.uniform(-0.02, 0.02),
        focal: g.uniform(225, 260)),
      stage: GroundPoint(g.uniform(-0.8, 0.8), front - 3.2), stageSize: GroundPoint(3, 1.2))
    let paving = pavingColour(&g)
    scene.geometry.ground = .paving(paving)
    scene.geometry.patches.append(GroundPatch(x: -120...120, z: -20...4.6, surface: .asphalt))
    scene.geometry.patches.append(
      GroundPatch(x: -120...120, z: 4.6...4.85, surface: .concrete(paving * 1.2)))
    scene.addFacades(x: -34...34, z: front, shops: true, &g)
    for index in -1...1 {
      let x = Float(index) * 7 + g.uniform(-1, 1)
      scene.lamps.append(Lamp(position: Vector3(x, 3.5, front - 0.7), strength: 0.55))
    }
    scene.addLamp(GroundPoint(g.uniform(-6.5, -4.6), 5.4), height: 5.4, reach: 0.9)
    scene.addLamp(GroundPoint(g.uniform(5, 7), 5.4), height: 5.4, reach: -0.9)
    scene.addBin(GroundPoint(g.uniform(3, 4.4), front - 0.9), Vector3(0.12, 0.22, 0.14))
    if g.chance(0.5) {
      for x in stride(from: Float(-6), through: 6, by: 1.5) {
        scene.geometry.blocks.append(
          Block(
            low: Vector3(x - 0.06, 0, 5.2), high: Vector3(x + 0.06, 0.9, 5.32),
            surface: .plain(Vector3(0.3, 0.3, 0.3))))
      }
    }
    scene.walks = [
      [GroundPoint(-12, front - 2.0), GroundPoint(12, front - 1.8)],
      [GroundPoint(-11, front - 3.4), GroundPoint(11, front - 3.2)],
      [GroundPoint(-9.5, front - 4.6), GroundPoint(9.5, front - 4.6)],
    ]
    scene.walls = [
      WallSpot(foot: GroundPoint(g.uniform(-2.5, 2), front + 0.3), outward: GroundPoint(0, -1))
    ]
    scene.doors = [GroundPoint(g.uniform(-4, -1.5), front - 0.1)]
    return scene
  }

  /// A yard between walls that run away from the camera.
  static func yard(_ g: inout SeededGenerator) -> DemoScene {
    let left = g.uniform(-5.6, -4.4)
    let right = g.uniform(4.4, 5.6)
    let end = g.uniform(19, 25)
    let yaw = g.uniform(-0.16, 0.16)
    var scene = DemoScene(
      layout: .yard,
      camera: Camera(
        position: Vector3(g.uniform(-1.5, 1.5), g.uniform(3.6, 4.6), 0), yaw: yaw,
        pitch: g.uniform(0.24, 0.31), roll: g.uniform(-0.02, 0.02),
        focal: g.uniform(225, 260)),
      stage: GroundPoint(g.uniform(-0.8, 0.8), 9.2), stageSize: GroundPoint(2.2, 1.6))
    scene.geometry.ground =
      g.chance(0.5) ? .concrete(Vector3(0.33, 0.32, 0.30)) : .paving(pavingColour(&g))
    let one = wallColour(&g)
    let other = wallColour(&g)
    scene.geometry.blocks += [
      Block(
        low: Vector3(left - 6, 0, -10), high: Vector3(left, g.uniform(3.4, 7), end + 6),
        surface: g.chance(0.5) ? .brick(one) : .plaster(one)),
      Block(
        low: Vector3(right, 0, -10), high: Vector3(right + 6, g.uniform(3.4, 8), end + 6),
        surface: g.chance(0.4)
          ? .brick(other)
          : .facade(
            wall: other, pitch: SIMD2(2.6, 3), salt: UInt32(truncatingIfNeeded: g.next()))),
      Block(
        low: Vector3(left - 1, 0, end), high: Vector3(right + 1, g.uniform(4, 8), end + 6),
        surface: .plaster(wallColour(&g))),
      Block(
        low: Vector3(left, 0, end * 0.62), high: Vector3(left + 0.08, 2.7, end * 0.62 + 3),
        surface: .shutter(Vector3(0.28, 0.33, 0.36))),
    ]
    scene.addBin(GroundPoint(right - 0.5, g.uniform(10, 12)), Vector3(0.10, 0.24, 0.12))
    scene.addBin(GroundPoint(right - 0.5, 13), Vector3(0.12, 0.14, 0.25))
    scene.lamps = [
      Lamp(position: Vector3(left + 0.5, 3.9, 8.5), strength: 1.1),
      Lamp(position: Vector3(right - 0.5, 4, 14), strength: 1.1),
      Lamp(position: Vector3(0, 5, 6.5), strength: 0.8),
    ]
    for lamp in scene.lamps.prefix(2) {
      scene.geometry.blocks.append(
        Block(
          low: lamp.position + Vector3(-0.25, 0.12, -0.12),
          high: lamp.position + Vector3(0.25, 0.26, 0.12),
          surface: .plain(Vector3(0.5, 0.5, 0.5)), glows: true))
    }
    scene.walks = [
      [
        GroundPoint(left + 1.2, 2.5), GroundPoint(left + 1.4, 10),
        GroundPoint(left + 1.3, end - 0.5),
      ],
      [GroundPoint(right - 1.4, end - 0.5), GroundPoint(right - 1.6, 11), GroundPoint(1.8, 2.5)],
      [GroundPoint(0.3, 2.5), GroundPoint(0, 12), GroundPoint(-1, end - 0.6)],
    ]
    scene.walls = [
      WallSpot(foot: GroundPoint(left, g.uniform(8.5, 10.5)), outward: GroundPoint(1, 0))
    ]
    scene.doors = [GroundPoint(left + 0.3, end * 0.62 + 1.5)]
    return scene
  }
}
