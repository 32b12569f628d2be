import Synchronization

/// Says once in a run that a video is long for a single description.
final class LongFootageNote: Sendable {
  /// From this length on pieces are suggested.
  static let longestSeconds = 600.0

  private let isSaid = Mutex(false)
  private let remark: @Sendable (String) -> Void

  init(remark: @escaping @Sendable (String) -> Void) {
    self.remark = remark
  }

  /// - Parameter isPiece: whether it is a piece of a video already.
  func look(at videoID: String, durationSeconds: Double, isPiece: Bool) {
    guard !isPiece, durationSeconds > Self.longestSeconds else { return }
    let isFirst = isSaid.withLock { isSaid in
      defer { isSaid = true }
      return !isSaid
    }
    if isFirst { remark("\(videoID): " + Self.words(durationSeconds: durationSeconds)) }
  }

  /// What is said of so long a video.
  static func words(durationSeconds: Double) -> String {
    "\(Int((durationSeconds / 60).rounded())) minutes in one description of a few frames; "
      + "--segment 300 describes long videos in pieces of 5 minutes"
  }
}
