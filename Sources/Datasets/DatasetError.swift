import Records

/// What goes wrong with data sets.
public enum DatasetError: ReportableError {
  case unknownDataset(name: String, known: [String], nearest: String?)
  case rootNotGiven(dataset: String, sources: [String])
  case rootMissing(dataset: String, path: String, found: String, remedy: String)
  case listMissing(dataset: String, wanted: [String], root: String)
  case listedVideosMissing(dataset: String, list: String, count: Int, example: String, root: String)
  case noVideos(path: String, extensions: [String])
  case unknownKey(file: String, key: String, place: String, known: [String], nearest: String?)
  case badDescriptor(file: String, finding: String, remedy: String)
  case badLine(file: String, line: Int, text: String, expected: String)
  case badMask(file: String, found: String, expected: String)
  case annotationMissing(dataset: String, wanted: [String], root: String)
  case unknownClass(name: String, dataset: String, known: [String], nearest: String?)

  public var description: String {
    switch self {
    case .unknownDataset(let name, let known, let nearest):
      "\(name): neither a data set (known: \(known.joined(separator: ", "))), nor a YAML file, "
        + "nor a folder of videos" + Self.hint(nearest)
    case .rootNotGiven(let dataset, let sources):
      "\(dataset): where its videos lie is not known; name the folder with --root"
        + (sources.isEmpty ? "" : " (to be had from \(sources.joined(separator: ", ")))")
    case .rootMissing(let dataset, let path, let found, let remedy):
      "\(path): \(found), expected the folder with the videos of \(dataset); \(remedy)"
    case .listMissing(let dataset, let wanted, let root):
      "\(root): no \(wanted.joined(separator: " or ")) in it or below, which \(dataset) needs to "
        + "know its split; put the official list there or name another --root"
    case .listedVideosMissing(let dataset, let list, let count, let example, let root):
      "\(root): none of the \(count) videos that \(list) of \(dataset) names is below it "
        + "(for example \(example)); check --root"
    case .noVideos(let path, let extensions):
      "\(path): no video file in it or below (looked for \(extensions.joined(separator: ", "))); "
        + "name a folder of videos"
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
      "\(root): no \(wanted.joined(separator: " or ")) in it or below, so \(dataset) cannot be "
        + "evaluated; put the temporal annotation there"
    case .unknownClass(let name, let dataset, let known, let nearest):
      "\(name): no class of \(dataset), whose classes are \(known.joined(separator: ", "))"
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
