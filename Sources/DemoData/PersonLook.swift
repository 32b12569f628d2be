import Foundation
import Records

/// A person's build and clothes.
struct PersonLook: Sendable {
  enum Outfit: Sendable { case trousers, shorts, coat, skirt }

  var height: Float
  /// How stout: 1 is usual.
  var girth: Float
  var outfit: Outfit
  var skin: Vector3
  var hair: Vector3
  var top: Vector3
  var bottom: Vector3
  var shoes: Vector3
  var hasBackpack: Bool
  var hasBag: Bool
  var hasHood: Bool
  var bagColour: Vector3

  init(_ g: inout SeededGenerator) {
    height = g.uniform(1.58, 1.9)
    girth = g.uniform(0.88, 1.2)
    outfit = g.pick([.trousers, .trousers, .trousers, .coat, .shorts, .skirt])
    skin = g.pick([
      Vector3(0.62, 0.43, 0.32), Vector3(0.50, 0.33, 0.23), Vector3(0.28, 0.17, 0.11),
      Vector3(0.66, 0.49, 0.39),
    ])
    hair = g.pick([
      Vector3(0.03, 0.025, 0.02), Vector3(0.10, 0.06, 0.03), Vector3(0.32, 0.24, 0.12),
      Vector3(0.28, 0.27, 0.26),
    ])
    top =
      g.pick([
        Vector3(0.45, 0.06, 0.06), Vector3(0.06, 0.12, 0.34), Vector3(0.55, 0.54, 0.50),
        Vector3(0.05, 0.05, 0.06), Vector3(0.10, 0.24, 0.12), Vector3(0.50, 0.36, 0.08),
        Vector3(0.22, 0.22, 0.24), Vector3(0.24, 0.10, 0.26), Vector3(0.10, 0.30, 0.38),
      ]) * g.uniform(0.75, 1.2)
    bottom =
      g.pick([
        Vector3(0.05, 0.07, 0.14), Vector3(0.03, 0.03, 0.035), Vector3(0.20, 0.17, 0.12),
        Vector3(0.14, 0.14, 0.15), Vector3(0.10, 0.13, 0.20),
      ]) * g.uniform(0.8, 1.25)
    shoes = g.chance(0.3) ? Vector3(0.5, 0.5, 0.5) : Vector3(0.04, 0.035, 0.03)
    hasBackpack = g.chance(0.2)
    hasBag = g.chance(0.2)
    hasHood = g.chance(0.12)
    bagColour = g.pick([
      Vector3(0.30, 0.16, 0.08), Vector3(0.05, 0.05, 0.05), Vector3(0.40, 0.08, 0.10),
      Vector3(0.12, 0.16, 0.10),
    ])
  }
}
