import Foundation
import Records

/// The building blocks that scenes share.
extension DemoScene {
  static func wallColour(_ generator: inout SeededGenerator) -> Vector3 {
    generator.pick([
      Vector3(0.52, 0.46, 0.38), Vector3(0.60, 0.56, 0.50), Vector3(0.40, 0.30, 0.25),
      Vector3(0.46, 0.47, 0.48), Vector3(0.55, 0.42, 0.30), Vector3(0.36, 0.38, 0.34),
    ]) * generator.uniform(0.8, 1.1)
  }

  static func pavingColour(_ generator: inout SeededGenerator) -> Vector3 {
    generator.pick([
      Vector3(0.36, 0.35, 0.33), Vector3(0.42, 0.36, 0.31), Vector3(0.31, 0.32, 0.33),
    ])
  }

  /// A house front on the line z = `z`, from x to x, as several houses in a row.
  mutating func addFacades(
    x: ClosedRange<Float>, z: Float, shops: Bool, _ generator: inout SeededGenerator
  ) {
    var left = x.lowerBound
    while left < x.upperBound {
      let right = min(x.upperBound, left + generator.uniform(7, 13))
      let wall = Self.wallColour(&generator)
      let salt = UInt32(truncatingIfNeeded: generator.next())
      let surface: Surface =
        shops && generator.chance(0.7)
        ? .shop(
          wall: wall,
          sign: generator.pick([
            Vector3(0.55, 0.08, 0.08), Vector3(0.08, 0.25, 0.5), Vector3(0.1, 0.4, 0.18),
            Vector3(0.6, 0.45, 0.1),
          ]), salt: salt)
        : .facade(
          wall: wall,
          pitch: SIMD2(generator.uniform(1.8, 2.8), generator.uniform(2.8, 3.3)), salt: salt)
      geometry.blocks.append(
        Block(
          low: Vector3(left, 0, z + generator.uniform(0, 0.5)),
          high: Vector3(right, generator.uniform(7, 14), z + 9), surface: surface))
      left = right
    }
  }

  /// A lamp post; the arm reaches `reach` metres along x.
  mutating func addLamp(_ foot: GroundPoint, height: Float, reach: Float, flickers: Bool = false) {
    let metal = Surface.plain(Vector3(0.16, 0.17, 0.17))
    geometry.blocks.append(
      Block(
        low: Vector3(foot.x - 0.07, 0, foot.y - 0.07),
        high: Vector3(foot.x + 0.07, height, foot.y + 0.07), surface: metal))
    let tip = foot.x + reach
    geometry.blocks.append(
      Block(
        low: Vector3(min(foot.x, tip), height - 0.06, foot.y - 0.05),
        high: Vector3(max(foot.x, tip), height + 0.06, foot.y + 0.05), surface: metal))
    geometry.blocks.append(
      Block(
        low: Vector3(tip - 0.3, height - 0.14, foot.y - 0.14),
        high: Vector3(tip + 0.3, height - 0.04, foot.y + 0.14),
        surface: .plain(Vector3(0.5, 0.5, 0.5)), glows: true))
    lamps.append(
      Lamp(
        position: Vector3(tip, height - 0.3, foot.y), strength: height / 5 * 1.15,
        flickers: flickers))
  }

  /// A tree: a trunk and a crown of blocks.
  mutating func addTree(_ foot: GroundPoint, _ generator: inout SeededGenerator) {
    let height = generator.uniform(2.2, 3)
    geometry.blocks.append(
      Block(
        low: Vector3(foot.x - 0.14, 0, foot.y - 0.14),
        high: Vector3(foot.x + 0.14, height, foot.y + 0.14),
        surface: .concrete(Vector3(0.16, 0.12, 0.09))))
    let green = Vector3(0.10, 0.19, 0.06) * generator.uniform(0.8, 1.2)
    for _ in 0..<5 {
      let centre = Vector3(
        foot.x + generator.uniform(-0.7, 0.7), height + generator.uniform(0.2, 1.6),
        foot.y + generator.uniform(-0.6, 0.6))
      let size = Vector3(
        generator.uniform(0.6, 1.1), generator.uniform(0.5, 0.9), generator.uniform(0.6, 1))
      geometry.blocks.append(
        Block(
          low: centre - size, high: centre + size, surface: .foliage(green), isRound: true))
    }
  }

  /// A road along x between two kerbs: a strip for parked cars at the near kerb,
  /// then two lanes with a dashed line between.
  mutating func addRoad(z: ClosedRange<Float>, kerb: Vector3) {
    geometry.patches.append(GroundPatch(x: -120...120, z: z, surface: .asphalt))
    let strip = z.lowerBound + 2.15
    let lane = (z.upperBound - strip) / 2
    let middle = strip + lane
    geometry.patches.append(
      GroundPatch(x: -120...120, z: middle - 0.07...middle + 0.07, surface: .paint, dash: 2))
    for edge in [z.lowerBound, z.upperBound] {
      geometry.patches.append(
        GroundPatch(x: -120...120, z: edge - 0.1...edge + 0.1, surface: .concrete(kerb * 1.2)))
    }
    lanes.append(
      Lane(
        start: GroundPoint(-32, strip + lane / 2), end: GroundPoint(32, strip + lane / 2)))
    lanes.append(
      Lane(
        start: GroundPoint(32, middle + lane / 2), end: GroundPoint(-32, middle + lane / 2)))
  }

  /// A bin, 1.1 m high.
  mutating func addBin(_ place: GroundPoint, _ colour: Vector3) {
    geometry.blocks.append(
      Block(
        low: Vector3(place.x - 0.3, 0, place.y - 0.3),
        high: Vector3(place.x + 0.3, 1.1, place.y + 0.3), surface: .shutter(colour)))
  }
}
