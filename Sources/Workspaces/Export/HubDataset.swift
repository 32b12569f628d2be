import Foundation
import Records

/// The present descriptions as a folder that Hugging Face's `datasets.load_dataset`
/// reads: JSON lines for each split, and a `README.md` whose head names them.
public enum HubDataset {
  /// Says in a README that it is ours to replace.
  private static let mark = "<!-- written by describe export -->"
  /// What the videos of no split are listed under.
  private static let splitOfNone = "unsplit"

  /// Writes the folder anew. Data files carry a part of their hash in their names
  /// and the README is replaced last, atomically: whoever reads meanwhile, or after
  /// a crash, sees the old descriptions or the new ones.
  ///
  /// - Parameter name: the data set's name, for the heading.
  /// - Throws: `WorkspaceError.notOurs` where the folder has another README;
  ///   `RecordError.cannotWrite`.
  public static func write(
    _ ledger: Ledger, to folder: URL, name: String, split: String? = nil, limit: Int? = nil
  ) throws {
    let readme = folder.appendingPathComponent("README.md")
    if FileManager.default.fileExists(atPath: readme.path) {
      // What cannot be read cannot be known for ours.
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

  /// Writes one file a split. The lines are read once for the files' names, and once
  /// for each file.
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

      One description a video, from the ledger of a workspace. The texts come from the model
      and prompt that each line names; the videos are not here, and their terms hold.

      | split | descriptions |
      |---|---|
      \(table)
      """
  }

  /// The lines' keys, in their order there.
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

  /// Removes the data files of earlier exports; what has no such name stays.
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
