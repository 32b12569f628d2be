import Datasets

/// When a video is long for a single description.
enum LongFootage {
  /// From this length on pieces are suggested.
  static let longestSeconds = 600.0

  /// What to say of a video that is described as a whole; nil where it is short enough.
  static func advice(for video: DatasetVideo, durationSeconds: Double) -> String? {
    guard video.segment == nil, durationSeconds > longestSeconds else { return nil }
    return "\(video.id): \(Int((durationSeconds / 60).rounded())) minutes in one description of a "
      + "few frames; --segment 300 describes long videos in pieces of 5 minutes"
  }
}
