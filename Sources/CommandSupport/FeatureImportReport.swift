import Foundation

/// What an import found: all that differs from what the lists and the published
/// counts promise.
public struct FeatureImportReport: Codable, Sendable, Equatable {
  /// One split's list.
  public struct Split: Codable, Sendable, Equatable {
    public var split: String
    public var rows: Int
    public var videos: Int
    public var normalRows: Int
    public var anomalousRows: Int
    /// Rows by the crop they name.
    public var crops: [String: Int]
    /// What differs from the published list, one line each; empty where it is that list.
    public var differences: [String]
  }

  public var splits: [Split]
  /// Videos that are in the workspace now.
  public var videos: Int
  /// Files that are in the workspace now.
  public var files: Int
  /// Rows of all those files.
  public var snippets: Int
  /// Files by NumPy's name of their type.
  public var elementTypes: [String: Int]
  /// Training videos without all ten crops, with the numbers that are missing.
  public var missingCrops: [String: [Int]]
  /// What could not be taken, one line each.
  public var failures: [String]
  /// The store's folder.
  public var folder: String

  /// The report for people.
  public var lines: [String] {
    var lines = splits.flatMap { split in
      [
        "\(split.split): \(split.rows) rows, \(split.videos) videos, "
          + "\(split.normalRows) normal and \(split.anomalousRows) anomalous rows"
      ] + split.differences.map { "\(split.split): \($0)" }
    }
    let types = elementTypes.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
    lines.append(
      "\(videos) videos, \(files) files (\(types.joined(separator: ", "))), \(snippets) snippets")
    lines += missingCrops.sorted { $0.key < $1.key }.map {
      "\($0.key): crops \($0.value.map(String.init).joined(separator: ", ")) are missing"
    }
    lines += failures.map { "failed: \($0)" }
    lines.append(folder)
    return lines
  }
}
