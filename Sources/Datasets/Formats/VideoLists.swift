import Foundation
import Records

/// A list of videos: one per line, or VadCLIP's table of feature files.
///
/// Lines are names with or without folders and extension, such as `Abuse/Abuse001_x264.mp4` or
/// `01_0014`, optionally followed by a number, as in `name.mp4 3`. VadCLIP's tables have the
/// header `path,label` and one row for each of ten crops, `/x/Abuse001_x264__0.npy,Abuse`. The
/// crops of a video are one entry.
package struct VideoListFile: Equatable {
  /// The entries without repetitions, in the file's order.
  let entries: [String]
  /// The repeated entries. Crops of a video are not repetitions.
  let repeated: [String]
  /// The labels in a table's column `label` by entry; several if the rows of an entry differ.
  let labels: [String: Set<String>]

  /// Parses a list, or a table if `file` ends in `.csv`. Errors name `file`.
  ///
  /// - Throws: `DatasetError.badLine`.
  init(_ text: String, file: String) throws {
    var all: [String]
    var labels: [String: Set<String>] = [:]
    if file.lowercased().hasSuffix(".csv") {
      var crops: Set<String> = []
      all = try Self.rows(ofTable: text, file: file).compactMap { row in
        let (name, isCrop) = Self.withoutCrop(row.path)
        if let label = row.label { labels[name, default: []].insert(label) }
        return isCrop && !crops.insert(name).inserted ? nil : name
      }
    } else {
      all = text.split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        .map(Self.withoutNumber)
    }
    var seen: Set<String> = []
    var repeated: [String] = []
    entries = all.filter { entry in
      if seen.insert(entry).inserted { return true }
      repeated.append(entry)
      return false
    }
    self.repeated = repeated
    self.labels = labels
  }

  /// The paths and labels of a table. VadCLIP's own tables contain names of films with commas
  /// and without quotes; other tables are plain comma-separated values.
  private static func rows(ofTable text: String, file: String) throws -> [(
    path: String, label: String?
  )] {
    if text.hasPrefix("path,label"),
      let list = try? FeatureList(text, split: "", path: file)
    {
      return list.rows.map { ($0.path, $0.label) }
    }
    let table = try CommaSeparatedTable(text, file: file)
    guard let column = table.column("path") ?? table.column("video") else {
      throw DatasetError.badLine(
        file: file, line: 1, text: table.columns.joined(separator: ","),
        expected: "a header with a column 'path' or 'video'")
    }
    let labelColumn = table.column("label")
    return table.rows.map { row in (row.cells[column], labelColumn.map { row.cells[$0] }) }
  }

  /// The name by which an entry and a file match.
  package static func stem(ofEntry entry: String) -> String {
    let name = entry.split(separator: "/").last.map(String.init) ?? entry
    return VideoFiles.isVideo(path: "/" + name)
      ? URL(fileURLWithPath: "/" + name).deletingPathExtension().lastPathComponent : name
  }

  /// `/x/Abuse001_x264__0.npy` is crop 0 of `/x/Abuse001_x264`.
  private static func withoutCrop(_ path: String) -> (name: String, isCrop: Bool) {
    guard let match = path.wholeMatch(of: #/(.*)__[0-9]+\.npy/#) else {
      return (path.hasSuffix(".npy") ? String(path.dropLast(4)) : path, false)
    }
    return (String(match.1), true)
  }

  /// UCF-Crime's action lists have a class number after the name.
  private static func withoutNumber(_ line: String) -> String {
    guard let match = line.wholeMatch(of: #/(.*\.[A-Za-z0-9]+)\s+[0-9]+/#),
      VideoFiles.isVideo(path: String(match.1))
    else { return line }
    return String(match.1)
  }
}

/// One of VadCLIP's lists: a CSV file of `path,label` rows, one per crop.
public struct FeatureList: Sendable, Equatable {
  /// One row.
  public struct Row: Sendable, Equatable {
    /// The path as written. Its folders are those of another machine, so only the name counts.
    public var path: String
    /// The label as written.
    public var label: String
    /// The file's name without `__<crop>.npy`.
    public var video: String
    /// The number after `__`.
    public var crop: Int
  }

  public var rows: [Row]
  /// `train` or `test`.
  public var split: String

  /// Reads a list. It belongs to the test split if its name contains `test`, otherwise to the
  /// training split, as in `ucf_CLIP_rgb.csv` and `ucf_CLIP_rgbtest.csv`.
  ///
  /// - Throws: `RecordError` for another format, with the first bad line.
  public init(contentsOf url: URL) throws {
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not UTF-8 text")
    }
    let split = url.lastPathComponent.lowercased().contains("test") ? "test" : "train"
    try self.init(text, split: split, path: url.path)
  }

  /// Parses a list's text; the first line may be the header `path,label`.
  public init(_ text: String, split: String, path: String) throws {
    self.split = split
    rows = []
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.isEmpty || (number == 0 && line.hasPrefix("path,")) { continue }
      guard let row = Self.row(line) else {
        throw RecordError.wrongFormat(
          path: path, found: "'\(line)' in line \(number + 1)",
          expected: "'<folder>/<video>__<crop>.npy,<label>'")
      }
      rows.append(row)
    }
    guard !rows.isEmpty else {
      throw RecordError.wrongFormat(path: path, found: "no rows", expected: "rows of path,label")
    }
  }

  private static func row(_ line: String) -> Row? {
    // Names of films contain commas; labels do not.
    guard let comma = line.lastIndex(of: ",") else { return nil }
    let path = String(line[..<comma])
    let name = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    guard name.hasSuffix(".npy"), let mark = name.range(of: "__", options: .backwards),
      let crop = Int(name[mark.upperBound...].dropLast(4)), crop >= 0,
      mark.lowerBound != name.startIndex
    else { return nil }
    return Row(
      path: path, label: String(line[line.index(after: comma)...]),
      video: String(name[..<mark.lowerBound]), crop: crop)
  }
}
