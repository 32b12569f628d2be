import Records

/// What goes wrong when key events are selected.
public enum KeyEventError: ReportableError {
  /// A setting is outside what it may be.
  case badSetting(name: String, found: String, allowed: String)
  /// A video of which not one frame decodes.
  case noFrames(path: String)
  /// A part of a video's clock without a frame: headers claim more than there is.
  case noFramesInSpan(path: String, startSeconds: Double, lastFrameSeconds: Double)
  /// An encoder gave something else than one vector an input.
  case badEmbeddings(encoder: String, found: [Int], expected: [Int])
  /// Two encoders that do not share a space.
  case mismatchedEncoders(image: String, text: String)
  /// A strategy that looks at what frames look like, and a curve that does not say.
  case needsEmbeddings(strategy: String)
  /// Embeddings that are to be written, and a scorer that makes none.
  case noEmbeddings(path: String)
  /// A file of scores that cannot be used.
  case badScores(path: String, found: String, expected: String)
  /// No prompt to compare frames with.
  case noQuery(encoder: String)
  /// A class that the data set does not have.
  case unknownClass(name: String, dataset: String, known: [String])

  public var description: String {
    switch self {
    case .badSetting(let name, let found, let allowed):
      "\(name): found \(found), expected \(allowed)"
    case .noFrames(let path):
      "\(path): no frame of this video decodes; check the file with ffprobe"
    case .noFramesInSpan(let path, let start, let last):
      "\(path): no frame that decodes in the segment from \(start) s on, the last one is at "
        + "\((last * 1000).rounded() / 1000) s; the file may be cut off, check it with ffprobe"
    case .badEmbeddings(let encoder, let found, let expected):
      "\(encoder): gave embeddings of shape \(found), expected \(expected)"
    case .mismatchedEncoders(let image, let text):
      "\(image): does not share a space with the text encoder \(text); "
        + "name one CLIP model for both"
    case .needsEmbeddings(let strategy):
      "\(strategy): compares what frames look like, and no candidate has an embedding; "
        + "score with CLIP, or give embeddings with the scores"
    case .noEmbeddings(let path):
      "\(path): no candidate has an embedding to write; score with CLIP"
    case .badScores(let path, let found, let expected):
      "\(path): found \(found), expected \(expected)"
    case .noQuery(let encoder):
      "\(encoder): has no prompt to compare frames with; "
        + "give a query, a label, or a data set with class prompts"
    case .unknownClass(let name, let dataset, let known):
      "\(name): is no class of \(dataset); its classes are \(known.joined(separator: ", "))"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .badSetting, .noQuery, .unknownClass, .needsEmbeddings, .noEmbeddings: .usage
    case .noFrames, .noFramesInSpan, .badScores: .unreadableInput
    case .badEmbeddings, .mismatchedEncoders: .other
    }
  }
}
