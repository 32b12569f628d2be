import Records

/// A sentence about a video or a part of it.
public struct TimedSentence: Codable, Sendable, Equatable {
  public var text: String
  /// Where the described part begins and ends, in seconds from the video's start; nil if the
  /// file does not say.
  public var startSeconds: Double?
  public var endSeconds: Double?

  public init(_ text: String, from startSeconds: Double? = nil, to endSeconds: Double? = nil) {
    // A database's text ends at a zero.
    self.text = text.withoutControlCharacters
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
  }
}

/// What a file says about one video: an entry, or a row that gives one of several sentences.
struct ImportedDescription: Sendable {
  /// The video's name as written.
  var name: String
  /// Whether `name` is an id of our own export, which no tolerance may reinterpret.
  var isOwnID = false
  /// Labels as written; nil if the entry has none, empty for a video without an anomaly.
  var labels: [String]?
  var sentences: [TimedSentence]
  /// The video's duration as the file gives it.
  var durationSeconds: Double?
  /// Who wrote it, if the file says so: the model of our own export.
  var describer: String?
  /// Whether other entries of the same name may hold more sentences: a row with one sentence
  /// and its time.
  var isRow = false
  /// Where it is, for messages: `line 12`, `entry 'Abuse001'`.
  var place: String
}

/// A part of a file that cannot be imported.
struct ImportProblem: Error, Sendable {
  var place: String
  var found: String
  var expected: String

  /// One line with the file's name.
  func line(file: String) -> String {
    let separator = place.hasPrefix("line ") ? ":" : ": "
    let shown = place.hasPrefix("line ") ? String(place.dropFirst(5)) : place
    return "\(file)\(separator)\(shown): found \(found), expected \(expected)"
  }
}

/// The content of a file of descriptions.
struct ImportedFile: Sendable {
  var entries: [ImportedDescription] = []
  var problems: [ImportProblem] = []
  /// Remarks for the user.
  var notes: [String] = []

  /// Adds an entry, or the problem that kept it from being read.
  mutating func add(_ read: () throws(ImportProblem) -> ImportedDescription) {
    do {
      entries.append(try read())
    } catch {
      problems.append(error)
    }
  }
}

/// A file format of descriptions.
public enum ImportFormat: String, Sendable, CaseIterable {
  case jsonl, csv, uca, hivau, lavad

  func reader(level: ImportLevel) -> any DescriptionFileReader {
    switch self {
    case .jsonl: JSONLineDescriptions()
    case .csv: TableDescriptions()
    case .uca: UCADescriptions()
    case .hivau: HIVAUDescriptions(level: level)
    case .lavad: LAVADDescriptions()
    }
  }

  /// The name of the describer if nobody gives one; nil to take the file's name.
  func describer(level: ImportLevel) -> String? {
    switch self {
    case .jsonl, .csv: nil
    case .uca, .lavad: rawValue
    // The texts of another level are another describer's, so that all can be there.
    case .hivau: level == .video ? rawValue : "\(rawValue)-\(level.rawValue)"
    }
  }
}

/// Which texts of HIVAU-70k are imported.
public enum ImportLevel: String, Sendable, CaseIterable {
  case video, event, clip
}

/// Reads one format. A reader knows no data set: it checks what a file says by itself.
protocol DescriptionFileReader: Sendable {
  /// The entries of a file, and a problem for each part that cannot be read.
  ///
  /// - Throws: `RecordError` for a file that cannot be read at all.
  func read(_ file: ImportSource) throws -> ImportedFile
}
