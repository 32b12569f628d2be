import Foundation
import Records

/// Finds data sets: by a name in `Datasets/`, a YAML file, or a folder of videos.
public enum DatasetCatalog {
  /// Opens the data set of `--dataset`.
  ///
  /// The value is a name or alias of a descriptor in `resources.datasets`, a path ending in
  /// `.yaml` or `.yml`, a table ending in `.csv`, or a folder, tried in this order. Write
  /// `./demo` for a folder with the name of a data set. `root` is the folder of the videos;
  /// without it the descriptor's `defaultRoot` counts, relative to the working directory.
  ///
  /// - Throws: `DatasetError` with the missing files and the searched folder.
  public static func open(
    _ nameOrPath: String, root: String? = nil, resources: ResourceFolders
  ) throws -> Dataset {
    if let descriptor = try descriptor(named: nameOrPath, in: resources.datasets) {
      return try open(descriptor, root: root)
    }
    let url = URL(fileURLWithPath: nameOrPath)
    if ["yaml", "yml"].contains(url.pathExtension.lowercased()) {
      return try open(DatasetDescriptorFile.read(url), root: root)
    }
    if url.pathExtension.lowercased() == "csv" {
      let folder = root.map { URL(fileURLWithPath: $0) } ?? url.deletingLastPathComponent()
      try requireFolder(folder, dataset: nameOrPath, remedy: "check --root")
      return try TableDataset.open(url, root: folder.standardizedFileURL)
    }
    if Folder.exists(at: url) {
      // A given root replaces the folder, for example on another machine.
      let folder = root.map { URL(fileURLWithPath: $0) } ?? url
      try requireFolder(folder, dataset: nameOrPath, remedy: "check --root")
      return try FolderDataset.open(folder.standardizedFileURL)
    }
    if let name = FolderEntries.undecodableName(at: url.path) {
      throw DatasetError.undecodableNames(
        path: url.deletingLastPathComponent().path, count: 1, example: name)
    }
    let known = try names(in: resources.datasets)
    throw DatasetError.unknownDataset(
      name: nameOrPath, known: known, nearest: NearestName.of(nameOrPath, among: known))
  }

  /// The descriptor of a name or alias in a folder of YAML files; nil if there is none.
  public static func descriptor(named name: String, in folder: URL) throws -> DatasetDescriptor? {
    guard PathSafeName.isSafe(name) else { return nil }
    let direct = folder.appendingPathComponent(name + ".yaml")
    if FileManager.default.fileExists(atPath: direct.path) {
      return try DatasetDescriptorFile.read(direct)
    }
    return try files(in: folder).lazy.map { try DatasetDescriptorFile.read($0) }
      .first { $0.name == name || ($0.aliases ?? []).contains(name) }
  }

  /// The names of the descriptors in a folder, without aliases.
  public static func names(in folder: URL) throws -> [String] {
    try files(in: folder).map { try DatasetDescriptorFile.read($0).name }
  }

  /// Opens a data set of a known descriptor.
  public static func open(_ descriptor: DatasetDescriptor, root: String?) throws -> Dataset {
    guard let path = root ?? descriptor.defaultRoot else {
      throw DatasetError.rootNotGiven(
        dataset: descriptor.name, sources: descriptor.sources ?? [])
    }
    let url = URL(fileURLWithPath: path).standardizedFileURL
    try requireFolder(
      url, dataset: descriptor.name,
      remedy: root == nil && descriptor.name == "demo"
        ? "render it with 'kess demo-data --out \(path)', or name another folder with --root"
        : "name the folder with --root")
    var dataset = try read(descriptor, in: url)
    let views = try descriptor.views(root: url)
    dataset.read(with: views)
    for pattern in views.unmatchedPatterns(among: dataset.videos.map(\.id)) {
      dataset.notes.append(
        "no video matches the pattern '\(pattern)' of pixelAspect or ignore; "
          + "patterns are for ids such as \(dataset.videos.first?.id ?? "none")")
    }
    return dataset
  }

  private static func read(_ descriptor: DatasetDescriptor, in url: URL) throws -> Dataset {
    switch descriptor.layout {
    case .folders where descriptor.classes.isEmpty:
      return try FolderDataset.open(url)
    case .table:
      let scan = FolderScan(root: url)
      let patterns = descriptor.splits?.flatMap { $0.lists ?? [] } ?? []
      guard let table = scan.file(matching: patterns) else {
        throw DatasetError.listMissing(
          dataset: descriptor.name, wanted: patterns, root: url.path)
      }
      return try TableDataset.open(table.url, root: url)
    default:
      let scan = FolderScan(root: url, takesImageFolders: descriptor.imageFolders ?? false)
      return try DatasetReader(descriptor: descriptor, scan: scan).read()
    }
  }

  private static func requireFolder(_ url: URL, dataset: String, remedy: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    guard exists, isFolder.boolValue else {
      throw DatasetError.rootMissing(
        dataset: dataset, path: url.path,
        found: exists ? "a file, not a folder" : "no such folder", remedy: remedy)
    }
  }

  private static func files(in folder: URL) throws -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
      .map { folder.appendingPathComponent($0) }
  }
}

/// A folder of videos as a data set.
///
/// Folders `train/` and `test/` (or `training/` and `testing/`) at the top are splits. The
/// folders below are classes if the name of one of them stands for normality (`normal`,
/// `Normal_Videos`, `Training_Normal_...`). That one is normal, and all others are anomalies.
/// Without such a folder the labels are unknown, because folders may be cameras or days. An
/// annotation file in UCF-Crime's format is read.
package enum FolderDataset {
  static let splits = [
    SplitDescriptor(name: "train", folders: ["train", "training"]),
    SplitDescriptor(name: "test", folders: ["test", "testing"]),
  ]

  static func open(_ root: URL) throws -> Dataset {
    let scan = FolderScan(root: root)
    let isSplit = scan.videos.contains { splitName(of: $0) != nil }
    var folderNames: [String] = []
    for video in scan.videos {
      let inner = splitName(of: video) == nil ? video.folders[...] : video.folders.dropFirst()
      if let name = inner.first, !folderNames.contains(name) { folderNames.append(name) }
    }
    var classes: [ClassDescriptor] = []
    if let normal = folderNames.first(where: isNormal) {
      classes = [
        ClassDescriptor(
          name: "Normal", displayPrompts: ["normal activity"], isNormal: true, code: normal)
      ]
      classes += folderNames.filter { !isNormal($0) }.sorted().map { ClassDescriptor(name: $0) }
    }
    var descriptor = DatasetDescriptor(
      name: PathSafeName.make(root.lastPathComponent), title: root.lastPathComponent,
      layout: .folders, classes: classes)
    if isSplit { descriptor.splits = splits }
    descriptor.annotations = AnnotationDescriptor(
      format: .ucf, files: ["Temporal_Anomaly_Annotation*.txt"])
    return try DatasetReader(descriptor: descriptor, scan: scan).read()
  }

  /// Whether a folder's name stands for normality.
  package static func isNormal(_ folder: String) -> Bool {
    folder.lowercased().split { !$0.isLetter }.contains { $0 == "normal" || $0 == "normals" }
  }

  private static func splitName(of file: FolderScan.File) -> String? {
    guard let outermost = file.folders.first else { return nil }
    return splits.first { ($0.folders ?? []).contains(outermost.lowercased()) }?.name
  }
}
