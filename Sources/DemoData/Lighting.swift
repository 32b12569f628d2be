import Foundation
import Records

/// The hour: where light comes from and how the camera copes with it. Colours are
/// linear; 1 is what the picture shows as white.
struct Lighting: Sendable {
  enum Hour: String, Sendable, CaseIterable {
    case sunny, overcast, dusk, night
  }

  var hour: Hour
  /// Towards the sun (or the brightest part of the sky).
  var sunDirection: Vector3
  var sunColour: Vector3
  /// What comes from the whole sky.
  var skyLight: Vector3
  var skyTop: Vector3
  var skyHorizon: Vector3
  /// A lamp's light on the ground 5 m below it.
  var lampColour: Vector3
  /// The share of windows with light behind them.
  var litWindows: Float
  /// How much a shadow of the sun takes from the ground it falls on.
  var shadowDepth: Float
  /// The sensor's noise in the dark, in units of white.
  var readNoise: Float
  /// The sensor's noise at white beyond that.
  var shotNoise: Float

  var isDark: Bool { hour == .night || hour == .dusk }

  init(hour: Hour, generator: inout SeededGenerator) {
    self.hour = hour
    let azimuth = Float(generator.nextUniform(in: -2.4..<2.4))
    func sun(_ elevation: Float) -> Vector3 {
      Vector3(
        sin(azimuth) * cos(elevation), sin(elevation), -cos(azimuth) * cos(elevation))
    }
    let warm = Float(generator.nextUniform(in: -1..<1))
    let level = Float(generator.nextUniform(in: 0.85..<1.15))
    lampColour = .zero
    litWindows = 0.03
    switch hour {
    case .sunny:
      sunDirection = sun(Float(generator.nextUniform(in: 0.5..<1.1)))
      sunColour = Vector3(1.12, 1.02, 0.86) * 0.95 * level
      skyLight = Vector3(0.30, 0.34, 0.40) * level
      skyTop = Vector3(0.28, 0.45, 0.80)
      skyHorizon = Vector3(0.75, 0.85, 0.95)
      shadowDepth = 1
      readNoise = 0.004
      shotNoise = 0.016
    case .overcast:
      sunDirection = sun(1.2)
      sunColour = Vector3(0.25, 0.25, 0.25) * level
      skyLight = Vector3(0.56, 0.58, 0.61) * level
      skyTop = Vector3(0.62, 0.66, 0.70)
      skyHorizon = Vector3(0.80, 0.82, 0.84)
      shadowDepth = 0.7
      readNoise = 0.005
      shotNoise = 0.018
    case .dusk:
      sunDirection = sun(0.22)
      sunColour = Vector3(0.42, 0.24, 0.12) * level
      skyLight = Vector3(0.21, 0.23, 0.33) * level
      skyTop = Vector3(0.16, 0.20, 0.38)
      skyHorizon = Vector3(0.72, 0.48 + 0.05 * warm, 0.36)
      lampColour = Vector3(1.0, 0.78, 0.48) * 0.24
      litWindows = 0.3
      shadowDepth = 0.9
      readNoise = 0.008
      shotNoise = 0.022
    case .night:
      sunDirection = sun(0.9)
      sunColour = Vector3(0.006, 0.007, 0.010)
      skyLight = Vector3(0.045, 0.05, 0.066) * level
      skyTop = Vector3(0.010, 0.012, 0.022)
      skyHorizon = Vector3(0.045, 0.04, 0.045)
      lampColour =
        (warm > 0 ? Vector3(1.0, 0.74, 0.42) : Vector3(0.86, 0.95, 1.0)) * 0.75 * level
      litWindows = 0.35
      shadowDepth = 0.75
      readNoise = 0.013
      shotNoise = 0.030
    }
    sunDirection = sunDirection.normalized
  }
}

/// A lamp that hangs in the scene.
struct Lamp: Sendable {
  var position: Vector3
  /// How bright it is beside the lighting's lamp colour.
  var strength: Float = 1
  /// Whether its light goes on and off.
  var flickers = false

  /// The share of the lamp colour that reaches a surface: one where the lamp
  /// hangs 5 m straight above it.
  @inline(__always)
  func reach(_ point: Vector3, normal: Vector3) -> Float {
    let offset = position - point
    let squared = offset.dot(offset)
    let distance = squared.squareRoot()
    let facing = max(0, offset.dot(normal) / distance)
    // A shade above the lamp lets little light go upwards or far to the side.
    let shade = (offset.y / distance).clamped(0, 1)
    return strength * 25 / (squared + 2) * facing * (0.15 + 0.85 * shade)
  }
}
