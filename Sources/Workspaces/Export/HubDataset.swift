import Foundation
import Records

/// The present descriptions as a folder that Hugging Face's `datasets.load_dataset`
/// reads: JSON lines for each split, and a `README.md` whose head names them.
public enum HubDataset {
  /// Marks a README as written by this export, which may replace it.
  private static let mark = "<!-- written by describe export -->"
  /// The split name for videos without a split.
  private static let splitOfNone = "unsplit"

  /// Writes or replaces the folder. The names of data files contain a part of their hash, and
  /// the README is replaced last, atomically. A reader sees either the old descriptions or
  /// the new ones, also after a crash.
  ///
  /// - Parameter name: the data set's name, for the heading.
  /// - Throws: `WorkspaceError.notOurs` if the folder has another README;
  ///   `RecordError.cannotWrite`.
  public static func write(
    _ ledger: Ledger, to folder: URL, name: String, split: String? = nil, limit: Int? = nil
  ) throws {
    let readme = folder.appendingPathComponent("README.md")
    if FileManager.default.fileExists(atPath: readme.path) {
      // A README that cannot be read counts as another one.
      guard let bytes = try? Data(contentsOf: readme), bytes.range(of: Data(mark.utf8)) != nil
      else { throw WorkspaceError.notOurs(path: readme.path) }
    }
    let data = folder.appendingPathComponent("data")
    let files = try DescriptionExport.reading(ledger, split: split, limit: limit) { export in
      try write(export, to: data)
    }
    try AtomicFile.write(Data(card(name: name, files: files).utf8), to: readme)
    try removeOthers(than: Set(files.map(\.file)), in: data)
  }

  /// Writes one file per split. Reads the lines once for the files' names, and once per
  /// file.
  private static func write(_ export: DescriptionExport.Reader, to data: URL) throws
    -> [(split: String, file: String, count: Int)]
  {
    var hashes: [String: ContentHash] = [:]
    var counts: [String: Int] = [:]
    try export.forEachLine { line in
      let name = line.split ?? splitOfNone
      hashes[name, default: ContentHash()].update(try line.jsonLine())
      counts[name, default: 0] += 1
    }
    return try hashes.keys.sorted().map { name in
      let file = "\(name)-\((hashes[name]?.finalize() ?? "").prefix(12)).jsonl"
      try AtomicFile.write(to: data.appendingPathComponent(file)) { take in
        try export.forEachLine { line in
          if line.split ?? splitOfNone == name { try take(line.jsonLine()) }
        }
      }
      return (name, file, counts[name] ?? 0)
    }
  }

  private static func card(name: String, files: [(split: String, file: String, count: Int)])
    -> String
  {
    var head = "---\nconfigs:\n- config_name: default\n  data_files:\n"
    for file in files { head += "  - split: \(file.split)\n    path: data/\(file.file)\n" }
    head += "dataset_info:\n  features:\n"
    for (column, type) in columns { head += "  - name: \(column)\n    \(type)\n" }
    let table = files.map { "| \($0.split) | \($0.count) |\n" }.joined()
    return """
      \(head)---
      \(mark)
      # Descriptions of \(name)

      One description per video, from the ledger of a workspace. Each line names the model and
      the prompt of its text. The videos are not included, and their terms apply.

      | split | descriptions |
      |---|---|
      \(table)
      """
  }

  /// The keys of the lines, in their order.
  private static let columns = [
    ("created", "dtype: string"), ("describerKind", "dtype: string"),
    ("endSeconds", "dtype: int64"), ("findings", "list: string"), ("format", "dtype: int64"),
    ("frameSeconds", "list: float64"), ("frameSimilarity", "dtype: float64"),
    ("model", "dtype: string"),
    ("promptHash", "dtype: string"), ("promptName", "dtype: string"),
    ("promptVersion", "dtype: string"), ("requestKey", "dtype: string"),
    ("segmentOf", "dtype: string"), ("selectionKey", "dtype: string"),
    ("similarityEncoder", "dtype: string"),
    ("split", "dtype: string"), ("startSeconds", "dtype: int64"), ("status", "dtype: string"),
    ("structured", "dtype: string"),
    ("text", "dtype: string"), ("video", "dtype: string"),
  ]

  /// Removes the data files of earlier exports. Files with other names stay.
  private static func removeOthers(than kept: Set<String>, in data: URL) throws {
    let manager = FileManager.default
    for file in (try? manager.contentsOfDirectory(atPath: data.path)) ?? []
    where !kept.contains(file) && file.wholeMatch(of: #/\w+-[0-9a-f]{12}\.jsonl/#) != nil {
      do {
        try manager.removeItem(at: data.appendingPathComponent(file))
      } catch {
        throw RecordError.cannotWrite(
          path: data.appendingPathComponent(file).path, reason: error.localizedDescription)
      }
    }
  }
}
