import Foundation
import Records
import Video

/// A made-up picture of a street seen by a fixed camera, for key frames.
enum SampleScene {
  /// The picture of one moment: two walkers, and a fire where `isAnomalous`.
  static func image(seed: UInt64, part: Double, isAnomalous: Bool) -> RGBImage {
    let width = 240
    let height = 180
    var generator = SeededGenerator(seed: seed)
    let daylight = generator.nextUniform(in: 0.35..<1)
    let offset = generator.nextUniform(in: 0..<60)
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let noise = generator.nextUniform(in: -6..<6)
        var color: (Double, Double, Double)
        if y < 70 {
          color = (150 + Double(y) / 2, 170 + Double(y) / 2, 195)
          if (x + Int(offset)) % 80 < 58, y > 18 + (x / 80) * 9 {
            color = (112, 104, 98)
            if x % 12 < 6, y % 14 < 8 { color = (74, 80, 92) }
          }
        } else {
          color = (96, 97, 100)
          if abs(y - 132) < 2, (x / 18).isMultiple(of: 2) { color = (205, 203, 190) }
          if y < 82 { color = (136, 132, 124) }
        }
        let walkers = [
          (20 + 190 * part, 112.0, (170.0, 60.0, 52.0)), (205 - 150 * part, 98, (48, 78, 140)),
        ]
        for (center, foot, coat) in walkers {
          let dx = abs(Double(x) - center)
          let dy = foot - Double(y)
          if dx < 6, dy > 16, dy < 36 { color = coat }
          if dx < 4, dy > 0, dy <= 16 { color = (40, 40, 46) }
          if dx * dx + (dy - 41) * (dy - 41) < 26 { color = (196, 156, 130) }
        }
        if isAnomalous {
          let dx = (Double(x) - 128) / 30
          let dy = (Double(y) - 96) / 38
          let heat = 1.2 - dx * dx - dy * dy + noise / 24
          if heat > 0 { color = (255, 90 + 130 * heat, 40 + 100 * max(0, heat - 0.5)) }
        }
        let base = (y * width + x) * 3
        for (channel, value) in [color.0, color.1, color.2].enumerated() {
          pixels[base + channel] = UInt8(min(255, max(0, value * daylight + noise)))
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
