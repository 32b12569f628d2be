import Foundation

/// The findings of an import: every difference from the lists and from the published counts.
public struct FeatureImportReport: Codable, Sendable, Equatable {
  /// One split's list.
  public struct Split: Codable, Sendable, Equatable {
    public var split: String
    public var rows: Int
    public var videos: Int
    public var normalRows: Int
    public var anomalousRows: Int
    /// The number of rows per crop.
    public var crops: [String: Int]
    /// The differences from the published list, one line each; empty if there are none.
    public var differences: [String]
  }

  public var splits: [Split]
  /// The number of videos in the workspace.
  public var videos: Int
  /// The number of files in the workspace.
  public var files: Int
  /// The number of rows in all files.
  public var snippets: Int
  /// The width of each row, the most crops of a video, and the axes of files with all crops.
  public var width: Int
  public var crops: Int
  public var layout: CropLayout?
  /// The number of videos whose files were stored before.
  public var alreadyStored: Int
  /// The number of files per element type, by NumPy's name.
  public var elementTypes: [String: Int]
  /// The missing crops of each training video with fewer than ten (or five).
  public var missingCrops: [String: [Int]]
  /// The files and videos that could not be imported, one line each.
  public var failures: [String]
  /// The store's folder.
  public var folder: String

  /// The report as text.
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
    lines.append(
      "width \(width), up to \(crops) crops" + (layout.map { ", axes \($0.rawValue)" } ?? ""))
    if alreadyStored > 0 {
      lines.append(
        alreadyStored == videos
          ? "nothing to do: all are stored already" : "\(alreadyStored) were stored already")
    }
    let integers = elementTypes.filter { "iub".contains($0.key.dropFirst().first ?? "f") }
    if !integers.isEmpty {
      lines.append(
        "note: \(integers.values.reduce(0, +)) files hold whole numbers "
          + "(\(integers.keys.sorted().joined(separator: ", "))), taken as they are: quantized "
          + "features must be scaled back first")
    }
    lines += missingCrops.sorted { $0.key < $1.key }.map {
      "\($0.key): crops \($0.value.map(String.init).joined(separator: ", ")) are missing"
    }
    lines += failures.map { "failed: \($0)" }
    lines.append(folder)
    return lines
  }
}

/// The counts of VadCLIP's published lists.
struct PublishedFeatureCounts {
  var rows: Int
  var normalRows: Int?
  /// The crop that every row names; nil if all ten are listed.
  var onlyCrop: Int?

  /// The counts of a data set's split; nil if it has no published list.
  static func known(dataset: String, split: String) -> PublishedFeatureCounts? {
    switch (dataset, split) {
    case ("ucf-crime", "train"): PublishedFeatureCounts(rows: 16_100, normalRows: 8_000)
    case ("ucf-crime", "test"): PublishedFeatureCounts(rows: 290, normalRows: 150, onlyCrop: 5)
    case ("xd-violence", "train"): PublishedFeatureCounts(rows: 39_540, normalRows: 20_490)
    case ("xd-violence", "test"): PublishedFeatureCounts(rows: 800, normalRows: 300, onlyCrop: 0)
    default: nil
    }
  }

  /// The differences of a split's rows from the published list, one line each.
  func differences(from split: FeatureImportReport.Split) -> [String] {
    var lines: [String] = []
    if split.rows != rows { lines.append("the published list has \(rows) rows") }
    if let normalRows, split.normalRows != normalRows {
      lines.append("the published list has \(normalRows) normal rows")
    }
    if let onlyCrop {
      if split.crops.keys.contains(where: { $0 != "\(onlyCrop)" }) {
        lines.append("the published list names crop \(onlyCrop) alone")
      }
    } else if split.crops.count != 10 || Set(split.crops.values).count != 1 {
      lines.append("the published list has ten crops of each video")
    }
    return lines
  }
}
