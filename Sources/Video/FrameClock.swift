import CFFmpeg

/// Turns a stream's timestamps into seconds that always advance.
///
/// A frame without a timestamp, or with one that does not advance on the frame
/// before it, comes one average frame after that frame.
package struct FrameClock {
  /// Seconds a tick.
  let timeBaseSeconds: Double
  /// What the container gives as its start, in seconds.
  let startSeconds: Double
  /// Seconds from frame to frame on average.
  let frameSeconds: Double
  /// How many timestamps were missing or did not advance.
  package private(set) var repairedCount = 0
  private var lastSeconds: Double?

  /// - Parameters:
  ///   - timeBaseSeconds: Seconds a tick of the stream.
  ///   - startSeconds: Subtracted from every time.
  ///   - frameSeconds: What a missing timestamp adds to the frame before.
  package init(timeBaseSeconds: Double, startSeconds: Double, frameSeconds: Double) {
    self.timeBaseSeconds = timeBaseSeconds
    self.startSeconds = startSeconds
    self.frameSeconds = frameSeconds
  }

  /// The next frame's time in seconds; `ticks` is nil where the stream gives none.
  package mutating func seconds(ticks: Int64?) -> Double {
    var seconds = ticks.map { Double($0) * timeBaseSeconds - startSeconds }
    if let claimed = seconds, let last = lastSeconds, claimed <= last { seconds = nil }
    if seconds == nil { repairedCount += 1 }
    let result = seconds ?? lastSeconds.map { $0 + frameSeconds } ?? 0
    lastSeconds = result
    return result
  }
}
