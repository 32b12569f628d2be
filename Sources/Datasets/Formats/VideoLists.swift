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
      let list = try? FeatureList(text, split: "", path: file),
      list.rows.allSatisfy({ $0.label != nil && $0.crop != nil })
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
