import Records

/// What makes a report impossible to draw truthfully.
public enum ReportError: ReportableError {
  case otherFormat(path: String, found: Int, expected: Int)
  case repeatedVideo(id: String)
  case badMetric(name: String)
  case badDuration(video: String, found: Double)
  case badScore(video: String, index: Int, found: Double)
  case badRange(video: String, what: String)
  case badThreshold(video: String, found: Double)

  public var description: String {
    switch self {
    case .otherFormat(let path, let found, let expected):
      "\(path): report format \(found), expected \(expected); write it again with this version"
    case .repeatedVideo(let id):
      "\(id): stands twice in the report; give every video an id of its own"
    case .badMetric(let name):
      "\(name): has no value, or one that is not a number; leave the metric out"
    case .badDuration(let video, let found):
      "\(video): a duration of \(found) seconds; it must be a number above 0"
    case .badScore(let video, let index, let found):
      "\(video): score \(index) is \(found); scores must lie in 0...1; check the checkpoint"
    case .badRange(let video, let what):
      "\(video): the time of \(what) is no number, runs backwards or overlaps the one before; "
        + "give times in order"
    case .badThreshold(let video, let found):
      "\(video): a threshold of \(found); it must be a number"
    }
  }

  public var failureKind: FailureKind { .unreadableInput }
}
