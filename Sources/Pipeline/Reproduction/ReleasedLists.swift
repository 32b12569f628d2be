import Datasets
import Foundation
import Records

/// The lists and the annotation of a data set in a folder, found by the patterns of its
/// descriptor: `ucf_CLIP_rgb.csv`, `ucf_CLIP_rgbtest.csv`, `Temporal_Anomaly_Annotation.txt`, or
/// `xd_CLIP_rgb.csv`, `xd_CLIP_rgbtest.csv`, `annotations.txt`, and if it is there
/// `annotations_multiclasses.txt`.
struct ReleasedLists {
  let train: URL
  let test: URL
  let annotation: URL
  /// The events with their classes, without which XD-Violence has no mAP@IoU.
  let classAnnotation: URL?

  /// - Throws: `PipelineError.notReady` naming what is missing.
  init(in folder: URL, descriptor: DatasetDescriptor) throws {
    func find(_ what: String, _ patterns: [String]) throws -> URL {
      guard let found = FolderFile.first(in: folder, matching: patterns) else {
        throw PipelineError.notReady(
          subject: folder.path, finding: "no \(what)",
          remedy: "put \(patterns.joined(separator: " or ")) there, or name another --lists")
      }
      return found
    }
    func lists(of split: String) -> [String] {
      (descriptor.splits?.first { $0.name == split }?.lists ?? []).filter { $0.hasSuffix(".csv") }
    }
    train = try find("list of training features", lists(of: "train"))
    test = try find("list of test features", lists(of: "test"))
    annotation = try find("temporal annotation", descriptor.annotations?.files ?? [])
    classAnnotation = FolderFile.first(
      in: folder, matching: descriptor.annotations?.classFiles ?? [])
  }

  /// Where the lists differ from the published ones in rows, normal rows or crops, a line a list.
  ///
  /// - Throws: `RecordError` for a list that cannot be read, `DatasetError` for a label.
  func differences(descriptor: DatasetDescriptor) throws -> [String] {
    try [train, test].compactMap { url -> String? in
      let list = try FeatureList(contentsOf: url)
      let found = try FeatureImport(features: url, lists: [url], descriptor: descriptor)
        .summary(list)
      guard
        let lines = PublishedFeatureCounts.known(dataset: descriptor.name, split: list.split)?
          .differences(from: found), !lines.isEmpty
      else { return nil }
      return "\(url.lastPathComponent) has \(found.rows) rows, \(found.normalRows) of them normal, "
        + "of crops \(found.crops.keys.sorted().joined(separator: ", ")); "
        + lines.joined(separator: "; ")
    }
  }
}

/// A file in a folder, at any depth.
enum FolderFile {
  /// The first that matches a pattern: earlier patterns first, then shallower files.
  static func first(in folder: URL, matching patterns: [String]) -> URL? {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    var all: [URL] = []
    while let file = files?.nextObject() as? URL {
      // Feature files may lie there too, by the ten thousand.
      if file.pathExtension != "npy" { all.append(file) }
    }
    all.sort { ($0.pathComponents.count, $0.path) < ($1.pathComponents.count, $1.path) }
    for pattern in patterns {
      if let found = all.first(where: { ShellPattern.matches($0.lastPathComponent, pattern) }) {
        return found
      }
    }
    return nil
  }
}
