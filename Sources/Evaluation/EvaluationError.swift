import Records

/// What makes an evaluation impossible.
public enum EvaluationError: ReportableError {
  case notFinite(video: String, index: Int, value: Float)
  case lengthMismatch(video: String, scores: Int, expected: Int, frames: Int)
  case annotationMissing(video: String)
  case noVideos
  case duplicateVideo(video: String)

  public var description: String {
    switch self {
    case .notFinite(let video, let index, let value):
      "\(video): score \(index) is \(value); scores must be finite, run the detector again"
    case .lengthMismatch(let video, let scores, let expected, let frames):
      "\(video): \(scores) scores, expected \(expected) for \(frames) frames; "
        + "make features and scores from this very file again"
    case .annotationMissing(let video):
      "\(video): an abnormal test video without temporal annotation; add its line to the "
        + "annotation file or leave the video out"
    case .noVideos:
      "evaluation: no video with scores and annotation; run the detector on the test split first"
    case .duplicateVideo(let video):
      "\(video): scored twice in one evaluation; keep one"
    }
  }

  public var failureKind: FailureKind { .unreadableInput }
}
