import Records

/// What makes an evaluation impossible.
public enum EvaluationError: ReportableError {
  case notFinite(video: String, index: Int, value: Float)
  case lengthMismatch(video: String, scores: Int, expected: Int, frames: Int)
  case classCountMismatch(video: String, columns: Int, expected: Int)
  case unknownClass(name: String, known: [String])
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
    case .classCountMismatch(let video, let columns, let expected):
      "\(video): class scores of \(columns) columns, expected \(expected), one for each class; "
        + "run the detector again"
    case .unknownClass(let name, let known):
      "class '\(name)': not among the classes that are scored, expected one of "
        + "\(known.joined(separator: ", ")); name the classes as the scores do"
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
