import Records

/// Errors of data sets and their files.
public enum DatasetError: ReportableError {
  case unknownDataset(name: String, known: [String], nearest: String?)
  case rootNotGiven(dataset: String, sources: [String])
  case rootMissing(dataset: String, path: String, found: String, remedy: String)
  case listMissing(dataset: String, wanted: [String], root: String)
  case listedVideosMissing(dataset: String, list: String, count: Int, example: String, root: String)
  case noVideos(path: String, extensions: [String])
  case undecodableNames(path: String, count: Int, example: String)
  case unknownKey(file: String, key: String, place: String, known: [String], nearest: String?)
  case badDescriptor(file: String, finding: String, remedy: String)
  case badLine(file: String, line: Int, text: String, expected: String)
  case badMask(file: String, found: String, expected: String)
  case annotationMissing(dataset: String, wanted: [String], root: String)
  case tableWithoutEvents(dataset: String, root: String)
  case unknownClass(name: String, dataset: String, known: [String], nearest: String?)

  public var description: String {
    switch self {
    case .unknownDataset(let name, let known, let nearest):
      "\(name): found neither a data set of this name (known: \(known.joined(separator: ", "))) "
        + "nor a YAML file, a table or a folder of videos" + Self.hint(nearest)
    case .rootNotGiven(let dataset, let sources):
      "\(dataset): the folder of its videos is not known; name it with --root"
        + (sources.isEmpty ? "" : " (videos are available from \(sources.joined(separator: ", ")))")
    case .rootMissing(let dataset, let path, let found, let remedy):
      "\(path): \(found), expected the folder with the videos of \(dataset); \(remedy)"
    case .listMissing(let dataset, let wanted, let root):
      "\(root): no \(wanted.joined(separator: " or ")) in it or below, which \(dataset) needs for "
        + "its splits; put the official list there or name another --root"
    case .listedVideosMissing(let dataset, let list, let count, let example, let root):
      "\(root): contains none of the \(count) videos in \(list) of \(dataset) "
        + "(for example \(example)); check --root"
    case .noVideos(let path, let extensions):
      "\(path): no video file in it or below (expected one of the extensions "
        + "\(extensions.joined(separator: ", "))); name a folder of videos"
    case .undecodableNames(let path, let count, let example):
      "\(path): no video that can be opened, and \(count) names that are not UTF-8 (for example "
        + "\(example)); rename them, for example with convmv"
    case .unknownKey(let file, let key, let place, let known, let nearest):
      "\(file): unknown key '\(key)' \(place); known are \(known.joined(separator: ", "))"
        + Self.hint(nearest)
    case .badDescriptor(let file, let finding, let remedy):
      "\(file): \(finding); \(remedy)"
    case .badLine(let file, let line, let text, let expected):
      "\(file):\(line): found '\(text)', expected \(expected)"
    case .badMask(let file, let found, let expected):
      "\(file): found \(found), expected \(expected)"
    case .annotationMissing(let dataset, let wanted, let root):
      "\(root): no \(wanted.joined(separator: " or ")) in it or below, which \(dataset) needs for "
        + "evaluation; put the temporal annotation there"
    case .tableWithoutEvents(let dataset, let root):
      "\(dataset) (\(root)): the table has no events; fill its column "
        + "'events' with frames, such as 30-75|120-140"
    case .unknownClass(let name, let dataset, let known, let nearest):
      "\(name): not a class of \(dataset); its classes are \(known.joined(separator: ", "))"
        + Self.hint(nearest)
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .unknownDataset, .rootNotGiven, .unknownClass: .usage
    default: .unreadableInput
    }
  }

  private static func hint(_ nearest: String?) -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? ""
  }
}
