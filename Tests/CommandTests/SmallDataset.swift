import Foundation
import TestSupport
import Video

/// A folder of short clips, one folder a class, below `train` and `test`: grey
/// noise with a drifting square; anomalous clips flash and shake in the middle.
enum SmallDataset {
  /// Renders `perClass` clips for each class and split.
  static func render(to root: URL, perClass: Int = 2, frames: Int = 48) throws {
    for split in ["train", "test"] {
      for name in ["Normal", "Fighting"] {
        let folder = root.appendingPathComponent(split).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for number in 0..<perClass {
          try clip(
            to: folder.appendingPathComponent("\(name)_\(split)_\(number).mp4"), frames: frames,
            isAnomalous: name != "Normal", phase: number * 7)
        }
      }
    }
  }

  /// One clip of 96x72 at 16 frames a second.
  static func clip(
    to url: URL, frames: Int, isAnomalous: Bool = false, phase: Int = 0, width: Int = 96,
    height: Int = 72
  ) throws {
    let writer = try VideoWriter(path: url.path, width: width, height: height, frameRate: 16)
    for frame in 0..<frames {
      let isEvent = isAnomalous && (frames / 3..<2 * frames / 3).contains(frame)
      var image = RGBImage(
        width: width, height: height, red: 90, green: 100,
        blue: isEvent && frame % 2 == 0 ? 250 : 110)
      let jump = isEvent ? (frame * 37) % 40 : 0
      let left = (frame + phase + jump) % 70
      for y in 20..<44 {
        for x in left..<left + 24 {
          let place = (y * width + x) * 3
          image.pixels[place] = UInt8(200 - (x + y + frame) % 40)
          image.pixels[place + 1] = 40
          image.pixels[place + 2] = UInt8((x * 5) % 200)
        }
      }
      try writer.append(image)
    }
    try writer.finish()
  }
}
