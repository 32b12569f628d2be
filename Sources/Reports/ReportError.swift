import Records

/// Why a report cannot be drawn truthfully.
public enum ReportError: ReportableError {
  case otherFormat(path: String, found: Int, expected: Int)
  case repeatedVideo(id: String)
  case badTable(title: String, row: Int, found: Int, expected: Int)
  case badMetric(name: String)
  case badDuration(video: String, found: Double)
  case badScore(video: String, index: Int, found: Double)
  case badClassCurve(video: String, name: String, found: Int, expected: Int)
  case badClassScore(video: String, name: String, index: Int, found: Double)
  case badRange(video: String, what: String)
  case badThreshold(video: String, found: Double)
  case badSeries(run: String, series: String, step: Int)
  case repeatedRun(name: String)

  public var description: String {
    switch self {
    case .otherFormat(let path, let found, let expected):
      "\(path): report format \(found), expected \(expected); write it again with this version"
    case .repeatedVideo(let id):
      "\(id): appears twice in the report; give every video its own id"
    case .badTable(let title, let row, let found, let expected):
      "\(title): row \(row) has \(found) cells, expected \(expected), one for each column"
    case .badMetric(let name):
      "\(name): no value, or a non-finite one; leave the metric out"
    case .badDuration(let video, let found):
      "\(video): a duration of \(found) seconds; expected a number above 0"
    case .badScore(let video, let index, let found):
      "\(video): score \(index) is \(found); scores must lie in 0...1; check the checkpoint"
    case .badClassCurve(let video, let name, let found, let expected):
      "\(video): \(found) scores of class '\(name)', expected \(expected), one per snippet"
    case .badClassScore(let video, let name, let index, let found):
      "\(video): score \(index) of class '\(name)' is \(found); scores must lie in 0...1; "
        + "check the checkpoint"
    case .badRange(let video, let what):
      "\(video): the time of \(what) is non-finite, runs backwards or overlaps the one before; "
        + "give times in order"
    case .badThreshold(let video, let found):
      "\(video): a threshold of \(found); expected a finite number"
    case .badSeries(let run, let series, let step):
      "\(run): step \(step) of '\(series)' is negative or does not follow the step before; "
        + "give steps in ascending order"
    case .repeatedRun(let name):
      "\(name): appears twice in the report; give every run its own name"
    }
  }

  public var failureKind: FailureKind { .unreadableInput }
}
