import Foundation
import Records

/// A user's table as a data set: a CSV file with a header.
///
/// The column `video` (a path, relative to the root or absolute) is required. The columns
/// `class` (names separated by `|`), `split` (`train` or `test`), `events`
/// (`30-75|120-140`, frames from 0, the end not included) and `scene` (a name; videos of one
/// scene are held out together) are optional. A class with a name
/// for normality is normal, all others are anomalies. An empty cell means an unknown label.
enum TableDataset {
  static let columns = ["video", "class", "split", "events", "scene"]

  private struct Entry {
    let path: String
    let classNames: [String]?
    let split: String?
    let events: [Range<Int>]?
    let scene: String?
  }

  /// Reads the table. Relative paths are below `root`.
  static func open(_ file: URL, root: URL) throws -> Dataset {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw DatasetError.badDescriptor(
        file: file.path, finding: "no such file, or not readable as UTF-8 text",
        remedy: "name a CSV file")
    }
    let entries = try entries(of: text, file: file.path)
    let there = entries.filter { FileManager.default.fileExists(atPath: path($0, root)) }
    let absent = entries.filter { !FileManager.default.fileExists(atPath: path($0, root)) }
    let missing = absent.map(\.path)
    guard !there.isEmpty else {
      throw DatasetError.listedVideosMissing(
        dataset: file.lastPathComponent, list: file.lastPathComponent, count: entries.count,
        example: entries.first?.path ?? "none", root: root.path)
    }
    let ids = PathSafeName.unique(
      there.map { URL(fileURLWithPath: $0.path).deletingPathExtension().lastPathComponent })
    let hasEvents = entries.contains { $0.events != nil }
    var annotations: [String: TemporalAnnotation] = [:]
    var videos: [DatasetVideo] = []
    for (id, entry) in zip(ids, there) {
      let isAnomalous = entry.classNames.map { $0.contains { !FolderDataset.isNormal($0) } }
      videos.append(
        DatasetVideo(
          id: id, path: path(entry, root), split: entry.split, classNames: entry.classNames,
          isAnomalous: isAnomalous, sceneID: entry.scene))
      if hasEvents, entry.events != nil || isAnomalous == false {
        annotations[id] = TemporalAnnotation(
          videoID: id, className: entry.classNames?.first ?? "", events: entry.events ?? [])
      }
    }
    var notes: [String] = []
    if let first = missing.first {
      notes.append("\(missing.count) listed videos are missing, for example \(first)")
    }
    let unlabelled = videos.count { $0.isAnomalous == nil }
    if unlabelled > 0 { notes.append("\(unlabelled) of \(videos.count) labels are unknown") }
    var dataset = Dataset(
      descriptor: descriptor(of: entries, file: file, root: root), root: root, videos: videos,
      annotations: annotations, missingVideos: missing, notes: notes)
    for entry in absent {
      if let split = entry.split {
        dataset.missingBySplit[split, default: []].append(entry.path)
      }
    }
    return dataset
  }

  private static func path(_ entry: Entry, _ root: URL) -> String {
    entry.path.hasPrefix("/") ? entry.path : root.appendingPathComponent(entry.path).path
  }

  private static func descriptor(of entries: [Entry], file: URL, root: URL) -> DatasetDescriptor {
    let names = Set(entries.flatMap { $0.classNames ?? [] }).sorted()
    // A table with the default name gets its folder's name.
    let stem = file.deletingPathExtension().lastPathComponent
    let name = stem == "videos" ? root.lastPathComponent : stem
    var descriptor = DatasetDescriptor(
      name: PathSafeName.make(name), title: name, layout: .table,
      classes: names.map {
        ClassDescriptor(name: $0, isNormal: FolderDataset.isNormal($0) ? true : nil)
      })
    let splits: [String] = ["train", "test"].filter { split in
      entries.contains { $0.split == split }
    }
    if !splits.isEmpty { descriptor.splits = splits.map { SplitDescriptor(name: $0) } }
    return descriptor
  }

  private static func entries(of text: String, file: String) throws -> [Entry] {
    let table = try CommaSeparatedTable(text, file: file)
    func refuse(_ line: Int, _ found: String, _ expected: String) -> DatasetError {
      .badLine(file: file, line: line, text: found, expected: expected)
    }
    for name in table.columns where !columns.contains(name.lowercased()) {
      throw refuse(1, name, "the columns \(columns.joined(separator: ", "))")
    }
    guard let video = table.column("video") else {
      throw refuse(1, table.columns.joined(separator: ","), "a header with a column 'video'")
    }
    return try table.rows.map { row in
      func cell(_ name: String) -> String? {
        guard let column = table.column(name) else { return nil }
        let text = row.cells[column].trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? nil : text
      }
      let path = row.cells[video].trimmingCharacters(in: .whitespaces)
      guard !path.isEmpty else { throw refuse(row.line, "no video", "a path under 'video'") }
      if let split = cell("split"), !["train", "test"].contains(split) {
        throw refuse(row.line, split, "train or test under 'split'")
      }
      let events = try cell("events").map { text in
        try text.split(separator: "|").map { range in
          let ends = range.split(separator: "-").map {
            Int($0.trimmingCharacters(in: .whitespaces))
          }
          guard ends.count == 2, let start = ends[0], let end = ends[1], start >= 0, start < end
          else { throw refuse(row.line, text, "frames as start-end|start-end, start < end") }
          return start..<end
        }.sorted { $0.lowerBound < $1.lowerBound }
      }
      return Entry(
        path: path,
        classNames: cell("class").map {
          $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }, split: cell("split"), events: events, scene: cell("scene"))
    }
  }
}
