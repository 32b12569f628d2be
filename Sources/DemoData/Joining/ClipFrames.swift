import Foundation
import Video

/// A clip's frames at the size and rate of the joined videos.
enum ClipFrames {
  static let width = 320
  static let height = 240
  /// Frames a second.
  static let frameRate = 25
  /// The most frames of one clip.
  static let most = 50

  /// Decodes a clip, whatever its aspect is, to `width` x `height`. At each output time the
  /// latest frame is shown; a frame's time is first rounded to the output's clock.
  ///
  /// - Returns: 1 to `most` frames.
  /// - Throws: `VideoError`.
  static func read(_ path: String) throws -> [RGBImage] {
    let reader = try VideoReader(path: path, scaledTo: .exact(width: width, height: height))
    var frames: [RGBImage] = []
    var last: (image: RGBImage, slot: Int)?
    var start = 0.0
    var lastSeconds = 0.0
    while frames.count < most, let frame = try reader.nextFrame() {
      if last == nil { start = frame.timestampSeconds }
      lastSeconds = frame.timestampSeconds - start
      let slot = Int((lastSeconds * Double(frameRate)).rounded())
      if let shown = last {
        while frames.count < min(slot, most) { frames.append(shown.image) }
      }
      last = (frame.image, slot)
    }
    // The last frame is shown as long as the frames before it were on average.
    if let last, frames.count < most {
      let count = reader.decodedFrameCount
      let length = count > 1 ? lastSeconds / Double(count - 1) : 1 / Double(frameRate)
      let end = Int(((lastSeconds + length) * Double(frameRate)).rounded())
      while frames.count < min(max(end, last.slot + 1), most) { frames.append(last.image) }
    }
    return frames
  }
}
