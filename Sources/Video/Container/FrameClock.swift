import CFFmpeg

/// Converts a stream's timestamps to seconds that always advance.
///
/// A frame whose timestamp is missing or does not advance is placed one average frame
/// after the frame before it.
package struct FrameClock {
  /// Seconds per tick.
  let timeBaseSeconds: Double
  /// The container's start time in seconds.
  let startSeconds: Double
  /// Seconds from frame to frame on average.
  let frameSeconds: Double
  /// The number of timestamps that were missing or did not advance.
  package private(set) var repairedCount = 0
  private var lastSeconds: Double?

  /// - Parameters:
  ///   - timeBaseSeconds: Seconds per tick of the stream.
  ///   - startSeconds: Subtracted from every time.
  ///   - frameSeconds: Added to the time of the frame before if a timestamp is missing.
  package init(timeBaseSeconds: Double, startSeconds: Double, frameSeconds: Double) {
    self.timeBaseSeconds = timeBaseSeconds
    self.startSeconds = startSeconds
    self.frameSeconds = frameSeconds
  }

  /// The next frame's time in seconds; `ticks` is nil for a missing timestamp.
  package mutating func seconds(ticks: Int64?) -> Double {
    var seconds = ticks.map { Double($0) * timeBaseSeconds - startSeconds }
    if let claimed = seconds, let last = lastSeconds, claimed <= last { seconds = nil }
    if seconds == nil { repairedCount += 1 }
    let result = seconds ?? lastSeconds.map { $0 + frameSeconds } ?? 0
    lastSeconds = result
    return result
  }
}

/// A tick of a container's timestamps as a fraction of a second.
public struct TimeBase: Sendable, Equatable, CustomStringConvertible {
  public let numerator: Int32
  public let denominator: Int32

  /// - Precondition: both more than 0.
  public init(numerator: Int32, denominator: Int32) {
    precondition(numerator > 0 && denominator > 0, "a time base of \(numerator)/\(denominator)")
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The tick's length.
  public var seconds: Double { Double(numerator) / Double(denominator) }

  /// Such as `1/12800`.
  public var description: String { "\(numerator)/\(denominator)" }
}
