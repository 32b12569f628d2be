import CFFmpeg
import Foundation

/// Converts a stream's timestamps to seconds that always advance and hold no gaps of the
/// camera's clock.
///
/// A frame whose timestamp is missing or does not advance is placed one average frame after
/// the frame before it. Where the clock jumps, the frame follows the one before it at the
/// usual distance, and all later times move with it: forward by more than ten seconds and a
/// hundred frames, backward by more than a second and twenty frames. The same if the clock
/// stood still and moves on from there.
package struct FrameClock {
  /// Seconds per tick.
  let timeBaseSeconds: Double
  /// The container's start time in seconds.
  let startSeconds: Double
  /// Seconds from frame to frame on average.
  let frameSeconds: Double
  /// The time after which the container's clock begins again at 0. libavformat takes a clock
  /// that goes back by more than a minute for one that did.
  let wrapSeconds: Double?
  /// The number of timestamps that were missing or did not advance.
  package private(set) var repairedCount = 0
  /// Where the clock jumped.
  package private(set) var jumps: [ClockJump] = []

  private var frameCount = 0
  private var lastSeconds: Double?
  /// The last timestamp in seconds as the file has it.
  private var lastClaim: Double?
  /// The longest step from frame to frame since the last jump.
  private var longestStep: Double?
  private var lastStep: Double?
  /// What the jumps so far add to the file's times.
  private var shift = 0.0

  /// - Parameters:
  ///   - timeBaseSeconds: Seconds per tick of the stream.
  ///   - startSeconds: Subtracted from every time.
  ///   - frameSeconds: Added to the time of the frame before if a timestamp is missing.
  ///   - wrapSeconds: The time after which the container's clock begins again, if it does.
  package init(
    timeBaseSeconds: Double, startSeconds: Double, frameSeconds: Double,
    wrapSeconds: Double? = nil
  ) {
    self.timeBaseSeconds = timeBaseSeconds
    self.startSeconds = startSeconds
    self.frameSeconds = frameSeconds
    self.wrapSeconds = wrapSeconds
  }

  /// The next frame's time in seconds; `ticks` is nil for a missing timestamp.
  package mutating func seconds(ticks: Int64?) -> Double {
    defer { frameCount += 1 }
    let claim = ticks.map { Double($0) * timeBaseSeconds - startSeconds }
    defer { lastClaim = claim ?? lastClaim }
    guard let last = lastSeconds else {
      if claim == nil { repairedCount += 1 }
      lastSeconds = claim ?? 0
      return lastSeconds ?? 0
    }
    var result = last + frameSeconds
    if let claim {
      follow(claim, last: last)
      let step = claim - (lastClaim ?? -.infinity)
      if claim + shift > last, step < 0 || step >= Self.leastStep {
        result = claim + shift
      } else {
        repairedCount += 1
      }
    } else {
      repairedCount += 1
    }
    if claim.map({ $0 + shift == result }) ?? false {
      lastStep = result - last
      longestStep = max(longestStep ?? 0, result - last)
    }
    lastSeconds = result
    return result
  }

  /// Moves `shift` if the clock jumps to `claim`.
  private mutating func follow(_ claim: Double, last: Double) {
    guard let before = lastClaim else { return }
    let step = claim - before
    let usual = lastStep ?? frameSeconds
    if step > max(Self.forwardSeconds, Self.forwardFrames * (longestStep ?? frameSeconds)),
      claim + shift - last > Self.forwardSeconds
    {
      let seconds = recorded(from: before, to: claim) + shift - last + before - usual
      jumps.append(ClockJump(frameIndex: frameCount, seconds: seconds))
    } else if step < -max(Self.backwardSeconds, Self.backwardFrames * min(frameSeconds, 1)) {
      jumps.append(ClockJump(frameIndex: frameCount, seconds: claim + shift - last - usual))
    } else if step > 0, claim + shift < last - Self.backwardSeconds {
      // The clock stood still and moves on from there. The filled-in frames are told.
    } else {
      return
    }
    longestStep = nil
    shift = last + usual - claim
  }

  /// The step from one claim to the next by the times in the file, before libavformat takes
  /// the step back for a wrap.
  private func recorded(from before: Double, to claim: Double) -> Double {
    guard let wrapSeconds else { return claim - before }
    func inFile(_ claim: Double) -> Double {
      (claim + startSeconds).truncatingRemainder(dividingBy: wrapSeconds)
    }
    return inFile(claim) - inFile(before)
  }

  private static let forwardSeconds = 10.0, forwardFrames = 100.0
  /// No camera takes pictures faster than this; such a clock stands still.
  private static let leastStep = 0.0005
  private static let backwardSeconds = 1.0, backwardFrames = 20.0
}

/// A jump of a recording's clock.
public struct ClockJump: Codable, Sendable, Equatable {
  /// The first frame after the jump, from 0 in display order.
  public let frameIndex: Int
  /// How far the clock jumps in seconds; negative for backward.
  public let seconds: Double

  public init(frameIndex: Int, seconds: Double) {
    self.frameIndex = frameIndex
    self.seconds = seconds
  }

  /// The jumps of a video in one line; nil without any.
  static func warning(_ jumps: [ClockJump], path: String) -> String? {
    summary(jumps).map { "\(path): \($0); times and durations leave the gap out" }
  }

  /// The jumps in words; nil without any.
  package static func summary(_ jumps: [ClockJump]) -> String? {
    guard let first = jumps.first else { return nil }
    let size =
      abs(first.seconds) < 120
      ? String(format: "%.1f s", abs(first.seconds)) : "\(Int(abs(first.seconds).rounded())) s"
    let others = jumps.count == 1 ? "" : " and \(jumps.count - 1) times more"
    return "the clock jumps \(first.seconds < 0 ? "back" : "forward") by \(size) after "
      + "frame \(first.frameIndex - 1)\(others)"
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
