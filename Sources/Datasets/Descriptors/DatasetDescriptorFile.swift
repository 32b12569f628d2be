import Foundation
import Records
import Yams

/// Reads descriptors from YAML. Refuses unknown keys, so that a mistyped key is never silently
/// ignored.
public enum DatasetDescriptorFile {
  /// Reads the descriptor at `url`.
  ///
  /// - Throws: `DatasetError.unknownKey` or `.badDescriptor`, naming the file.
  public static func read(_ url: URL) throws -> DatasetDescriptor {
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw DatasetError.badDescriptor(
        file: url.path, finding: "no such file, or not readable as UTF-8 text",
        remedy: "name a data set's YAML file")
    }
    return try parse(text, file: url.path).withMasks(in: url.deletingLastPathComponent())
  }

  /// Reads a descriptor from its text; `file` is named in errors.
  public static func parse(_ text: String, file: String) throws -> DatasetDescriptor {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw DatasetError.badDescriptor(
        file: file, finding: "not YAML: \(oneLine(error))", remedy: "correct the syntax")
    }
    guard let node, node.mapping != nil else {
      throw DatasetError.badDescriptor(
        file: file, finding: "no keys at the top",
        remedy: "write the name, title, layout and classes of a data set, as in Datasets/")
    }
    try refuseUnknownKeys(in: node, file: file)
    let descriptor: DatasetDescriptor
    do {
      descriptor = try YAMLDecoder().decode(DatasetDescriptor.self, from: node)
    } catch let error as DecodingError {
      throw DatasetError.badDescriptor(
        file: file, finding: JSONRecord.summary(of: error),
        remedy: "follow the files in Datasets/ (layout: "
          + DatasetLayout.allCases.map(\.rawValue).joined(separator: ", ") + ")")
    }
    try check(descriptor, file: file)
    return descriptor
  }

  private static func refuseUnknownKeys(in node: Node, file: String) throws {
    func check(_ node: Node?, _ place: String, _ known: [String]) throws {
      for (key, _) in node?.mapping ?? [:] {
        let name = key.string ?? "(not a string)"
        guard !known.contains(name) else { continue }
        throw DatasetError.unknownKey(
          file: file, key: name, place: place, known: known,
          nearest: NearestName.of(name, among: known))
      }
    }
    try check(node, "at the top", DatasetDescriptor.CodingKeys.allCases.map(\.rawValue))
    for (index, item) in (node["classes"]?.sequence.map(Array.init) ?? []).enumerated() {
      try check(
        item, "in class \(index + 1)", ClassDescriptor.CodingKeys.allCases.map(\.rawValue))
    }
    for (index, item) in (node["splits"]?.sequence.map(Array.init) ?? []).enumerated() {
      try check(
        item, "in split \(index + 1)", SplitDescriptor.CodingKeys.allCases.map(\.rawValue))
    }
    try check(
      node["annotations"], "in annotations",
      AnnotationDescriptor.CodingKeys.allCases.map(\.rawValue))
    try check(
      node["expected"], "in expected", ExpectedCounts.CodingKeys.allCases.map(\.rawValue))
    for item in node["expected"]?["splits"]?.sequence.map(Array.init) ?? [] {
      try check(
        item, "in expected.splits", ExpectedCounts.Split.CodingKeys.allCases.map(\.rawValue))
    }
    for item in node["knownDefects"]?.sequence.map(Array.init) ?? [] {
      try check(item, "in knownDefects", KnownDefect.CodingKeys.allCases.map(\.rawValue))
    }
  }

  private static func check(_ descriptor: DatasetDescriptor, file: String) throws {
    func refuse(_ finding: String, _ remedy: String) throws -> Never {
      throw DatasetError.badDescriptor(file: file, finding: finding, remedy: remedy)
    }
    guard PathSafeName.isSafe(descriptor.name) else {
      try refuse(
        "the name '\(descriptor.name)' cannot name a folder", "use letters, digits, '-', '_', '.'")
    }
    let names = descriptor.classes.map { $0.name.lowercased() }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      try refuse("the class '\(twice)' occurs twice", "keep one")
    }
    let findsClasses =
      descriptor.classes.isEmpty && [.folders, .table].contains(descriptor.layout)
    guard findsClasses || descriptor.classes.contains(where: { !$0.normal }) else {
      try refuse("no anomaly class", "list the anomalies under classes")
    }
    if let pattern = descriptor.scenePattern,
      (try? NSRegularExpression(pattern: pattern))?.numberOfCaptureGroups ?? 0 < 1
    {
      try refuse(
        "scenePattern '\(pattern)' is not a regular expression with a group",
        "put the scene in parentheses")
    }
  }

  private static func oneLine(_ error: any Error) -> String {
    "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
