import Foundation
import Records
import Video

/// The camera's sensor: exposure with automatic gain, noise that grows with the
/// light, and the tone curve to 8 bits.
final class Sensor {
  private static let noiseCount = 1 << 18
  /// Normal noise of standard deviation 256, the same for every clip.
  private static let noise: [Int16] = {
    var generator = SeededGenerator(seed: 1, purpose: "sensor noise")
    return (0..<noiseCount).map { _ in
      Int16((generator.nextNormal() * 256).rounded().clamped(-1200, 1200))
    }
  }()
  /// 8-bit samples by linear light divided by two.
  private static let tone: [UInt8] = (0..<16384).map { index in
    let linear = Double(index) * 2 / Double(SceneImage.white)
    // Straight up to 0.8, then bent, so that highlights do not clip at once.
    let bent = linear < 0.8 ? linear : 0.8 + 0.25 * (1 - exp(-(linear - 0.8) / 0.25))
    let encoded =
      bent <= 0.0031308 ? 12.92 * bent : 1.055 * pow(min(bent, 1.05), 1 / 2.4) - 0.055
    return UInt8((encoded * 255).rounded().clamped(0, 255))
  }

  private let readNoise: Int32
  private let shotNoise: Int32
  private let flickerDepth: Float
  private let flickerSpeed: Float
  private var generator: SeededGenerator
  private var gain: Float = 1
  /// The brightness that the gain holds; taken from the first frames.
  private var target: Float?

  /// `seed` decides the noise.
  init(lighting: Lighting, seed: UInt64) {
    generator = SeededGenerator(seed: seed, purpose: "sensor")
    // In 256ths of the noise table's 256, so that 1 is one unit of light.
    readNoise = Int32(lighting.readNoise * SceneImage.white)
    shotNoise = Int32(lighting.shotNoise * 4096)
    flickerDepth = lighting.isDark ? generator.uniform(0.004, 0.02) : generator.uniform(0, 0.006)
    flickerSpeed = generator.uniform(0.4, 2.6)
  }

  /// Exposes a frame.
  func expose(_ canvas: Canvas, frame: Int) -> RGBImage {
    adjustGain(canvas)
    let flicker = 1 + flickerDepth * sin(Float(frame) * flickerSpeed)
    let exposure = Int32((gain * flicker * 4096).rounded())
    let count = SceneImage.pixelCount * 3
    let start = Int(generator.next() % UInt64(Self.noiseCount))
    let read = readNoise
    let shot = shotNoise
    var pixels = [UInt8](repeating: 0, count: count)
    var output = pixels.mutableSpan
    let light = canvas.light
    let noise = Self.noise.span
    let tone = Self.tone.span
    var done = 0
    var offset = start
    while done < count {
      let run = min(count - done, Self.noiseCount - offset)
      for index in 0..<run {
        let value = (Int32(light[done + index]) &* exposure) >> 12
        let amplitude = read &+ ((min(value, 4096) &* shot) >> 12)
        let noisy = value &+ ((Int32(noise[offset + index]) &* amplitude) >> 8)
        output[done + index] = tone[Int(min(max(noisy, 0), 32767) >> 1)]
      }
      done += run
      offset = 0
    }
    return RGBImage(width: Camera.width, height: Camera.height, pixels: pixels)
  }

  /// Follows the picture's brightness slowly, as cameras do, within two stops.
  private func adjustGain(_ canvas: Canvas) {
    var sum: Float = 0
    var count: Float = 0
    for index in stride(from: 1, to: canvas.light.count, by: 3 * 37) {
      sum += min(Float(canvas.light[index]) / SceneImage.white, 1.4)
      count += 1
    }
    let mean = max(sum / count, 1e-3)
    guard let target else {
      self.target = mean
      return
    }
    let wanted = pow(target / mean, 0.75).clamped(0.3, 1.8)
    gain += (wanted - gain) * (wanted < gain ? 0.22 : 0.08)
  }
}

extension Double {
  fileprivate func clamped(_ low: Double, _ high: Double) -> Double {
    Swift.min(Swift.max(self, low), high)
  }
}
