import Foundation
import Video

/// How a data set's files give labels.
public enum DatasetLayout: String, Codable, Sendable, CaseIterable {
  /// The file name begins with the class (`Abuse028_x264.mp4`); otherwise the folder is the
  /// class.
  case ucf
  /// The file name ends in class codes: `..._label_B1-B2-0.mp4`; 0 stands for no class.
  case xd
  /// ShanghaiTech's names: `01_014` was filmed for training and is normal. `01_0014`, with
  /// four digits after the scene, was filmed for testing and has an anomaly.
  case shanghaitech
  /// The folder of a video is its class.
  case folders
  /// The user's table lists videos, classes and splits: `TableDataset`.
  case table
}

/// The rules for one split of a data set. A video belongs to the first split whose rules
/// match it.
public struct SplitDescriptor: Codable, Sendable, Equatable {
  /// `train` or `test`.
  public var name: String
  /// Name patterns, with wildcards, of files that list the split's videos, one per line. The
  /// first pattern that matches a file below the root counts.
  public var lists: [String]?
  /// Name patterns, with wildcards, of folders whose videos belong to the split.
  public var folders: [String]?
  /// Whether videos in the annotation file belong to the split.
  public var annotated: Bool?
  /// Whether videos without another split belong to the split.
  public var others: Bool?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, lists, folders, annotated, others
  }
}

/// The files and the format of a data set's temporal annotation.
public struct AnnotationDescriptor: Codable, Sendable, Equatable {
  /// The known formats: `UCFAnnotationFile`, `XDAnnotationFile`, and `FrameMaskFile` (one
  /// `.npy` per video).
  public enum Format: String, Codable, Sendable, CaseIterable {
    case ucf, xd, masks
  }
  public var format: Format
  /// Name patterns, with wildcards, of files below the root; best first.
  public var files: [String]
  /// Files that give each event a class (`XDClassAnnotationFile`), for mAP@IoU and the doctor.
  public var classFiles: [String]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format, files, classFiles
  }
}

/// The description of a data set: its classes, the layout of its files, its splits, its
/// sources and its terms. One YAML file in `Datasets/`, see `DatasetDescriptorFile`.
public struct DatasetDescriptor: Codable, Sendable, Equatable {
  /// The name for `--dataset`, which is also the default workspace's name.
  public var name: String
  /// Other names for `--dataset`.
  public var aliases: [String]?
  /// The name to display.
  public var title: String
  public var layout: DatasetLayout
  /// The classes, including the normal one; empty if folders or a table give them.
  public var classes: [ClassDescriptor]
  public var splits: [SplitDescriptor]?
  public var annotations: AnnotationDescriptor?
  /// The default root, relative to the working directory.
  public var defaultRoot: String?
  /// A regular expression whose first group in a file name is the scene.
  public var scenePattern: String?
  /// Whether a folder of numbered images is a video.
  public var imageFolders: Bool?
  /// The shape of the videos' pixels, for cameras whose files do not state it.
  public var pixelAspect: ByVideo<PixelAspect>?
  /// The regions of the picture that are ignored: polygons, or a mask's file.
  public var ignore: ByVideo<MaskValue>?
  /// The published counts.
  public var expected: ExpectedCounts?
  /// Known defects of the published files.
  public var knownDefects: [KnownDefect]?
  /// Where the data is available.
  public var sources: [String]?
  /// The terms of use.
  public var terms: String?

  public init(
    name: String, title: String, layout: DatasetLayout, classes: [ClassDescriptor],
    splits: [SplitDescriptor]? = nil, annotations: AnnotationDescriptor? = nil
  ) {
    self.name = name
    self.title = title
    self.layout = layout
    self.classes = classes
    self.splits = splits
    self.annotations = annotations
  }

  /// The anomaly classes, in the descriptor's order.
  public var anomalyClasses: [ClassDescriptor] { classes.filter { !$0.normal } }

  /// The normal class; nil if there is none.
  public var normalClass: ClassDescriptor? { classes.first(where: \.normal) }

  /// The class of a name or of a file code, ignoring case.
  ///
  /// - Throws: `DatasetError.unknownClass` with the known names.
  public func classDescriptor(named name: String) throws -> ClassDescriptor {
    let lowered = name.lowercased()
    if let found = classes.first(where: { $0.name.lowercased() == lowered })
      ?? classes.first(where: { $0.fileCode.lowercased() == lowered })
    {
      return found
    }
    throw DatasetError.unknownClass(
      name: name, dataset: self.name, known: classes.map(\.name),
      nearest: NearestName.of(name, among: classes.map(\.name)))
  }

  /// The classes of a label in a file: one class by any of its names, or codes separated by
  /// `-`, where `0` stands for no class (`B1-B2-0`). Nil if a part is not a class.
  package func classes(labelled label: String) -> [ClassDescriptor]? {
    func find(_ text: some StringProtocol) -> ClassDescriptor? {
      let name = text.lowercased()
      return classes.first {
        ([$0.fileCode, $0.name] + $0.prompts).contains { $0.lowercased() == name }
      }
    }
    let text = label.trimmingCharacters(in: .whitespaces)
    if let one = find(text) { return [one] }
    let parts = text.split(separator: "-").filter { $0 != "0" }
    let found = parts.compactMap { find($0) }
    return found.isEmpty || found.count < parts.count ? nil : found
  }

  /// The classes that the name of a video's file gives by the data set's layout, as in
  /// `Abuse028_x264`; nil if it gives none.
  package func classes(ofFileNamed stem: String) -> [ClassDescriptor]? {
    LabelReader(descriptor: self).classes(ofName: stem)
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, aliases, title, layout, classes, splits, annotations, defaultRoot, scenePattern
    case imageFolders, pixelAspect, ignore, expected, knownDefects, sources, terms
  }
}

/// One class of a data set: its names in files, and its words for a text encoder.
public struct ClassDescriptor: Codable, Sendable, Equatable {
  /// The class's name in all outputs of the project.
  public var name: String
  /// The words for prompts, best first; if absent, the name in lower case.
  public var displayPrompts: [String]?
  /// Whether videos of this class contain no anomaly.
  public var isNormal: Bool?
  /// The class in the data set's own file names and annotation files if it is not `name`, for
  /// example `B1` for XD-Violence's fighting.
  public var code: String?

  public init(
    name: String, displayPrompts: [String]? = nil, isNormal: Bool? = nil, code: String? = nil
  ) {
    self.name = name
    self.displayPrompts = displayPrompts
    self.isNormal = isNormal
    self.code = code
  }

  /// The words for prompts; never empty.
  public var prompts: [String] {
    if let displayPrompts, !displayPrompts.isEmpty { return displayPrompts }
    return [Self.spelledOut(name)]
  }

  /// Whether the class is the normal one.
  public var normal: Bool { isNormal ?? false }

  /// The class in file names.
  public var fileCode: String { code ?? name }

  /// A name as words: `RoadAccidents` and `road_accidents` become "road accidents".
  static func spelledOut(_ name: String) -> String {
    var words = ""
    for character in name {
      if character == "_" || character == "-" {
        words += " "
      } else {
        if character.isUppercase, let last = words.last, last.isLowercase { words += " " }
        words.append(character)
      }
    }
    return words.lowercased()
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, displayPrompts, isNormal, code
  }
}
