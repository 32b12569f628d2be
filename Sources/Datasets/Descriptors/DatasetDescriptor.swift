import Foundation

/// How a data set's files carry labels.
public enum DatasetLayout: String, Codable, Sendable, CaseIterable {
  /// The file name begins with the class (`Abuse028_x264.mp4`), else the folder does.
  case ucf
  /// The file name ends in class codes: `..._label_B1-B2-0.mp4`; 0 is no class.
  case xd
  /// ShanghaiTech's names: `01_014` was filmed for training and is normal, `01_0014`
  /// (four digits behind the scene) for testing and has an anomaly.
  case shanghaitech
  /// The folder that holds a video is its class.
  case folders
  /// A table of the user's own names videos, classes and splits: `TableDataset`.
  case table
}

/// How one split of a data set is recognised. A video belongs to the first split
/// of the list that claims it.
public struct SplitDescriptor: Codable, Sendable, Equatable {
  /// `train` or `test`.
  public var name: String
  /// Files that list the split's videos, one a line; looked up below the root by
  /// name, wildcards allowed, the first pattern that is there counts.
  public var lists: [String]?
  /// Folders whose videos belong to the split; wildcards allowed.
  public var folders: [String]?
  /// Whether a video that the annotation file names belongs to the split.
  public var annotated: Bool?
  /// Whether the split takes what no other split claims.
  public var others: Bool?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, lists, folders, annotated, others
  }
}

/// Where a data set's temporal annotation is, and in whose format.
public struct AnnotationDescriptor: Codable, Sendable, Equatable {
  /// The formats known: `UCFAnnotationFile`, `XDAnnotationFile`, and `FrameMaskFile`
  /// (one `.npy` a video).
  public enum Format: String, Codable, Sendable, CaseIterable {
    case ucf, xd, masks
  }
  public var format: Format
  /// File names, looked up below the root; wildcards allowed, best first.
  public var files: [String]
  /// Files that give each event a class (`XDClassAnnotationFile`), which the doctor
  /// compares with the rest.
  public var classFiles: [String]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format, files, classFiles
  }
}

/// What a data set is: its classes, how its files are laid out and split, where
/// it comes from and under which terms. One YAML file in `Datasets/`, see
/// `DatasetDescriptorFile`.
public struct DatasetDescriptor: Codable, Sendable, Equatable {
  /// The name that `--dataset` takes; also the default workspace's name.
  public var name: String
  /// Other names that `--dataset` takes.
  public var aliases: [String]?
  /// The name for people.
  public var title: String
  public var layout: DatasetLayout
  /// The classes, the normal one included; empty where folders or a table tell them.
  public var classes: [ClassDescriptor]
  public var splits: [SplitDescriptor]?
  public var annotations: AnnotationDescriptor?
  /// The root where none is given, relative to the working directory.
  public var defaultRoot: String?
  /// A regular expression; its first group in a file name is the scene.
  public var scenePattern: String?
  /// Whether a folder of numbered images is a video.
  public var imageFolders: Bool?
  /// What is known of the published files.
  public var expected: ExpectedCounts?
  /// Defects of the published files.
  public var knownDefects: [KnownDefect]?
  /// Where to get the data.
  public var sources: [String]?
  /// Under which terms.
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

  /// The classes that are anomalies, in the descriptor's order.
  public var anomalyClasses: [ClassDescriptor] { classes.filter { !$0.normal } }

  /// The class that is normality, where there is one.
  public var normalClass: ClassDescriptor? { classes.first(where: \.normal) }

  /// The class of a name (or of a file code), case ignored.
  ///
  /// - Throws: `DatasetError.unknownClass` with the names that exist.
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

  /// The classes that a label in a file means: one class by any of its names, or codes
  /// with `-` between them, of which `0` is none (`B1-B2-0`). Nil where a part is no class.
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

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, aliases, title, layout, classes, splits, annotations, defaultRoot, scenePattern
    case imageFolders, expected, knownDefects, sources, terms
  }
}

/// One class of a data set: its name in files and how it is said to a text encoder.
public struct ClassDescriptor: Codable, Sendable, Equatable {
  /// The class's name, as the project writes it everywhere.
  public var name: String
  /// The words for prompts, best first; the name in lower case where absent.
  public var displayPrompts: [String]?
  /// Whether videos of this class hold no anomaly.
  public var isNormal: Bool?
  /// How the data set's own file names and annotation files write the class,
  /// where it is not `name`: `B1` for XD-Violence's fighting.
  public var code: String?

  public init(
    name: String, displayPrompts: [String]? = nil, isNormal: Bool? = nil, code: String? = nil
  ) {
    self.name = name
    self.displayPrompts = displayPrompts
    self.isNormal = isNormal
    self.code = code
  }

  /// The words for prompts: never empty.
  public var prompts: [String] {
    if let displayPrompts, !displayPrompts.isEmpty { return displayPrompts }
    return [Self.spelledOut(name)]
  }

  /// Whether the class is normality.
  public var normal: Bool { isNormal ?? false }

  /// How file names write the class.
  public var fileCode: String { code ?? name }

  /// A name as words: `RoadAccidents` and `road_accidents` are "road accidents".
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
