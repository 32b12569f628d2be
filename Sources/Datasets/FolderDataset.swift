import Foundation

/// A folder of videos as a data set.
///
/// A level `train/`, `test/` (or `training/`, `testing/`) gives splits. The
/// folders below are classes when one of them is named for normality (`normal`,
/// `Normal_Videos`, `Training_Normal_...`): that one is normal, the others are
/// anomalies. Without such a folder the labels are unknown: folders may as well
/// be cameras or days. A UCF-style annotation file in the folder is read.
enum FolderDataset {
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

  /// Whether a folder's name says that its videos are normal.
  static func isNormal(_ folder: String) -> Bool {
    folder.lowercased().split { !$0.isLetter }.contains { $0 == "normal" || $0 == "normals" }
  }

  private static func splitName(of file: FolderScan.File) -> String? {
    guard let outermost = file.folders.first else { return nil }
    return splits.first { ($0.folders ?? []).contains(outermost.lowercased()) }?.name
  }
}
