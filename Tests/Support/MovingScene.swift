import Foundation

/// Draws frames of a textured background with textured squares that move over it,
/// as samples of red, green and blue: what motion is tested on.
public struct MovingScene: Sendable {
  /// A square, by its upper left corner in pixels (fractions are drawn smoothly).
  public struct Square: Sendable {
    public var x: Double
    public var y: Double
    public var side: Double
    public var red: Double
    public var green: Double
    public var blue: Double

    public init(
      x: Double, y: Double, side: Double, red: Double = 200, green: Double = 190,
      blue: Double = 180
    ) {
      self.x = x
      self.y = y
      self.side = side
      self.red = red
      self.green = green
      self.blue = blue
    }
  }

  public let width: Int
  public let height: Int
  /// Another seed is another place.
  public let seed: UInt64
  /// Mean brightness of the background.
  public var level = 100.0

  public init(width: Int = 160, height: Int = 120, seed: UInt64 = 1) {
    self.width = width
    self.height = height
    self.seed = seed
  }

  /// The samples of one frame, interleaved.
  ///
  /// - Parameters:
  ///   - shift: How far the camera has moved to the right, in pixels.
  ///   - gain: A change of light.
  ///   - noise: The standard deviation of sensor noise, from `frame` as its seed.
  public func pixels(
    _ squares: [Square] = [], shift: Double = 0, gain: Double = 1, noise: Double = 0,
    frame: Int = 0
  ) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: width * height * 3)
    var state = UInt64(frame) &* 0x9E37_79B9_7F4A_7C15 &+ 12345
    for y in 0..<height {
      for x in 0..<width {
        let ground = level + 40 * texture(Double(x) + shift, Double(y), seed)
        var colour = (ground, ground * 0.95, ground * 0.9)
        for square in squares {
          let (u, v) = (Double(x) - square.x, Double(y) - square.y)
          let cover =
            min(max(min(u + 0.5, square.side - u + 0.5), 0), 1)
            * min(max(min(v + 0.5, square.side - v + 0.5), 0), 1)
          guard cover > 0 else { continue }
          let pattern = 1 + 0.35 * texture(u * 1.7, v * 1.7, seed &+ 99)
          colour.0 += cover * (square.red * pattern - colour.0)
          colour.1 += cover * (square.green * pattern - colour.1)
          colour.2 += cover * (square.blue * pattern - colour.2)
        }
        var grain = 0.0
        if noise > 0 {
          // Four uniform numbers are near enough to a normal one.
          for _ in 0..<4 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            grain += Double(state >> 40) / Double(1 << 24) - 0.5
          }
          grain *= noise * 1.732
        }
        let place = (y * width + x) * 3
        result[place] = UInt8(min(max(colour.0 * gain + grain, 0), 255))
        result[place + 1] = UInt8(min(max(colour.1 * gain + grain, 0), 255))
        result[place + 2] = UInt8(min(max(colour.2 * gain + grain, 0), 255))
      }
    }
    return result
  }

  /// A smooth pattern in -1...1.
  private func texture(_ x: Double, _ y: Double, _ seed: UInt64) -> Double {
    let phase = Double(seed % 17)
    let pitch = 0.25 + 0.02 * phase
    return
      (sin(x * pitch + phase) * cos(y * 0.27 - phase)
      + sin((x + 2 * y) * (0.4 - pitch) / 2 + 2 * phase)
      + cos((2 * x - y) * pitch / 2 - phase)) / 3
  }
}
