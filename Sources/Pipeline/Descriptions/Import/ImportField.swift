/// What a key of a JSON line, or a column of a table, means.
enum ImportField: CaseIterable {
  case video, text, start, end, times, duration, label
  /// Fields of our own export.
  case wholeVideo, structured, model, requestKey

  /// The names that mean it, best first, in lower case without `_`, `-` and spaces.
  var names: [String] {
    switch self {
    case .video:
      ["video", "videoid", "videoname", "filename", "videopath", "file", "path", "vid", "id"]
    case .text:
      [
        "description", "caption", "text", "sentence", "sentences", "captions", "descriptions",
        "summary",
      ]
    case .start: ["start", "startseconds", "starttime", "startsec", "begin"]
    case .end: ["end", "endseconds", "endtime", "endsec", "stop"]
    case .times: ["timestamps", "timestamp", "times"]
    case .duration: ["duration", "durationseconds"]
    case .label: ["label", "labels", "class", "classname", "classnames", "category"]
    case .wholeVideo: ["segmentof"]
    case .structured: ["structured"]
    case .model: ["model"]
    case .requestKey: ["requestkey"]
    }
  }

  /// The name in the form of `names`.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != "_" && $0 != "-" && !$0.isWhitespace }
  }

  /// The position of each field among the names of an object or a table. Other names of a field
  /// that is there already are ignored, and returned for a note.
  static func positions(of names: [String]) -> (fields: [ImportField: Int], ignored: [String]) {
    let plain = names.map(plain)
    var fields: [ImportField: Int] = [:]
    var ignored: [String] = []
    for field in allCases {
      let found = field.names.compactMap { plain.firstIndex(of: $0) }
      fields[field] = found.first
      // An id beside a name is usual; a second text is not.
      if field == .text { ignored += found.dropFirst().map { names[$0] } }
    }
    return (fields, ignored)
  }
}
