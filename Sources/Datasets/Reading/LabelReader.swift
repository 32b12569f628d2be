import Foundation

/// Reads a video's classes from its file name or folder, by the layout's rule.
struct LabelReader {
  let descriptor: DatasetDescriptor

  /// The classes; nil if neither the name nor a folder gives one.
  func classes(of file: FolderScan.File) -> [ClassDescriptor]? {
    switch descriptor.layout {
    case .ucf: (classFromPrefix(file.stem) ?? classFromFolder(file)).map { [$0] }
    case .xd: classesFromCodes(file.stem)
    case .shanghaitech: classFromDigits(file.stem)
    case .folders, .table: classFromFolder(file).map { [$0] }
    }
  }

  /// The classes that a name alone gives; nil if it gives none.
  func classes(ofName stem: String) -> [ClassDescriptor]? {
    switch descriptor.layout {
    case .ucf: classFromPrefix(stem).map { [$0] }
    case .xd: classesFromCodes(stem)
    case .shanghaitech: classFromDigits(stem)
    case .folders, .table: nil
    }
  }

  /// `Abuse028_x264`: the longest class at the beginning of the name that is not followed by a
  /// letter.
  private func classFromPrefix(_ stem: String) -> ClassDescriptor? {
    let name = stem.lowercased()
    return descriptor.classes
      .filter { item in
        let code = item.fileCode.lowercased()
        guard name.hasPrefix(code) else { return false }
        return name.dropFirst(code.count).first.map { !$0.isLetter } ?? true
      }
      .max { $0.fileCode.count < $1.fileCode.count }
  }

  /// `01_014` is normal, `01_0014` is not.
  private func classFromDigits(_ stem: String) -> [ClassDescriptor]? {
    guard let match = stem.wholeMatch(of: #/[0-9]{2}_([0-9]{3,4})/#) else { return nil }
    let isNormal = match.1.count == 3
    return descriptor.classes.first { $0.normal == isNormal }.map { [$0] }
  }

  /// The innermost folder that is a class.
  private func classFromFolder(_ file: FolderScan.File) -> ClassDescriptor? {
    for folder in file.folders.reversed() {
      let name = folder.lowercased()
      if let found = descriptor.classes.first(where: {
        $0.fileCode.lowercased() == name || $0.name.lowercased() == name
      }) {
        return found
      }
      if FolderDataset.isNormal(folder), let normal = descriptor.normalClass { return normal }
    }
    return nil
  }

  /// `..._label_B1-B2-0`: the codes after the last `_label_`. 0 stands for no class, and an
  /// unknown code makes the label unknown.
  private func classesFromCodes(_ stem: String) -> [ClassDescriptor]? {
    guard let marker = stem.range(of: "_label_", options: .backwards) else { return nil }
    let codes = stem[marker.upperBound...].split(separator: "-").filter { $0 != "0" }
    let found = codes.map { code in descriptor.classes.first { $0.fileCode == code } }
    let known = found.compactMap { $0 }
    return known.isEmpty || known.count < found.count ? nil : known
  }
}
