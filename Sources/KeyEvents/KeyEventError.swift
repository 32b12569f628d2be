import Records

/// Why a selection from a video or a score file fails. Settings and strategies fail with
/// `KeySelectionError`.
public enum KeyEventError: ReportableError {
  /// No frame of the video decodes.
  case noFrames(path: String)
  /// A part of the video's clock contains no frame: the header claims too much.
  case noFramesInSpan(path: String, startSeconds: Double, lastFrameSeconds: Double)
  /// An encoder did not give one vector per input.
  case badEmbeddings(encoder: String, found: [Int], expected: [Int])
  /// The two encoders do not share a space.
  case mismatchedEncoders(image: String, text: String)
  /// Embeddings are requested, and the scorer makes none.
  case noEmbeddings(path: String)
  /// A file of scores is invalid.
  case badScores(path: String, found: String, expected: String)
  /// There is no prompt to compare frames with.
  case noQuery(encoder: String)

  public var description: String {
    switch self {
    case .noFrames(let path):
      "\(path): no frame of this video decodes; check the file with ffprobe"
    case .noFramesInSpan(let path, let start, let last) where last > start:
      "\(path): no frame in the segment from \(start) s on: the recording has a gap there; "
        + "choose longer segments"
    case .noFramesInSpan(let path, let start, let last):
      "\(path): no frame that decodes in the segment from \(start) s on, the last one is at "
        + "\((last * 1000).rounded() / 1000) s; the file may be cut off, check it with ffprobe"
    case .badEmbeddings(let encoder, let found, let expected):
      "\(encoder): gave embeddings of shape \(found), expected \(expected)"
    case .mismatchedEncoders(let image, let text):
      "\(image): does not share a space with the text encoder \(text); "
        + "name one CLIP model for both"
    case .noEmbeddings(let path):
      "\(path): no candidate has an embedding to write; score with CLIP"
    case .badScores(let path, let found, let expected):
      "\(path): found \(found), expected \(expected)"
    case .noQuery(let encoder):
      "\(encoder): has no prompt to compare frames with; "
        + "give a query, a label, or a data set with class prompts"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .noQuery, .noEmbeddings: .usage
    case .noFrames, .noFramesInSpan, .badScores: .unreadableInput
    case .badEmbeddings, .mismatchedEncoders: .other
    }
  }
}
