import Video

/// Which frames of a video are candidates, told while it is decoded.
///
/// Candidates come at max(1, 4 · frames / duration) a second, up to every frame:
/// the first frame at or after each of the times 0, 1/rate, 2/rate, …
public struct CandidateSampler: Sendable {
  /// Candidates a second.
  public let perSecond: Double
  private var nextNumber = 0

  /// - Parameters:
  ///   - frames: how many frames are to be chosen.
  ///   - durationSeconds: the video's length; 0 where unknown.
  public init(frames: Int, durationSeconds: Double) {
    self.init(
      perSecond: durationSeconds > 0 ? max(1, 4 * Double(frames) / durationSeconds) : 1)
  }

  /// No video has so many frames a second, or is so many seconds long.
  private static let most = 1e6, longestSeconds = 1e12

  /// - Parameter perSecond: more than 0; a million and more make every frame a
  ///   candidate.
  public init(perSecond: Double) {
    precondition(perSecond > 0, "\(perSecond) candidates a second")
    self.perSecond = perSecond < Self.most ? perSecond : .infinity
  }

  /// Which of the frames at these ascending times are candidates.
  public func places(in timestamps: [Double]) -> [Int] {
    var sampler = self
    return timestamps.indices.filter { place in
      guard sampler.isDue(at: timestamps[place]) else { return false }
      sampler.take(at: timestamps[place])
      return true
    }
  }

  /// Whether a frame at `seconds` would be a candidate.
  public func isDue(at seconds: Double) -> Bool {
    seconds + 1e-6 >= Double(nextNumber) / perSecond || perSecond.isInfinite
  }

  /// Counts the frame at `seconds` as a candidate.
  public mutating func take(at seconds: Double) {
    guard perSecond.isFinite else { return }
    let number = Int((min(seconds, Self.longestSeconds) + 1e-6) * perSecond)
    nextNumber = max(nextNumber, number) + 1
  }
}
