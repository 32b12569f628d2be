import Foundation
import Records

/// One place with its camera: what stands there and where people and cars may be.
/// A scene is made from its number and the data's seed alone, so all clips of a
/// scene show the same place.
struct DemoScene: Sendable {
  enum Layout: Int, Sendable, CaseIterable {
    case street, crossing, carPark, shopFront, yard
  }

  /// A lane that cars follow, from one end to the other, both out of sight.
  struct Lane: Sendable {
    var start: GroundPoint
    var end: GroundPoint
  }

  /// A place for a parked car; the heading is where its bonnet points.
  struct Bay: Sendable {
    var position: GroundPoint
    var heading: Float
  }

  /// A piece of wall that can be sprayed on or a window that can break.
  struct WallSpot: Sendable {
    /// A point of the wall at its foot, and the direction from the wall outward.
    var foot: GroundPoint
    var outward: GroundPoint
  }

  var layout: Layout
  var camera: Camera
  var geometry = SceneGeometry()
  var lamps: [Lamp] = []
  var lanes: [Lane] = []
  var bays: [Bay] = []
  /// Ways that people walk, from end to end; both ends may be out of sight.
  var walks: [[GroundPoint]] = []
  /// Open ground in good view, for what people do on the spot.
  var stage: GroundPoint
  /// How far from `stage` people may go.
  var stageSize: GroundPoint
  var walls: [WallSpot] = []
  /// Where people come out of and vanish into.
  var doors: [GroundPoint] = []
  /// Where two lanes (or a lane and a turn) meet in view.
  var conflict: GroundPoint?

  var hasRoad: Bool { conflict != nil }

  /// The scene of a number under a seed.
  static func make(number: Int, seed: UInt64) -> DemoScene {
    var generator = SeededGenerator(seed: seed, purpose: "scene \(number)")
    let layout = Layout(rawValue: number % Layout.allCases.count) ?? .street
    switch layout {
    case .street: return street(&generator)
    case .crossing: return crossing(&generator)
    case .carPark: return carPark(&generator)
    case .shopFront: return shopFront(&generator)
    case .yard: return yard(&generator)
    }
  }
}

extension SeededGenerator {
  /// Uniform in a range, in single precision.
  mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * Float(nextUniform())
  }

  /// True with a probability.
  mutating func chance(_ probability: Float) -> Bool { Float(nextUniform()) < probability }

  /// One of several; the list must not be empty.
  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &self)]
  }
}
