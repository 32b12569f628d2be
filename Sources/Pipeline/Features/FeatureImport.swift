import Datasets
import Encoders
import Foundation
import Records
import Tensors
import Video
import Workspaces

/// Imports VadCLIP's released features into a workspace: `features/visual/<key>/` and
/// `imported.json`.
public struct FeatureImport {
  private let features: URL
  private let lists: [URL]
  private let descriptor: DatasetDescriptor
  private let annotation: URL?

  /// - Parameters:
  ///   - features: The folder with the .npy files, at any depth.
  ///   - lists: VadCLIP's CSV files.
  ///   - annotation: The temporal annotation in the data set's format.
  public init(
    features: URL, lists: [URL], descriptor: DatasetDescriptor, annotation: URL? = nil
  ) {
    self.features = features
    self.lists = lists
    self.descriptor = descriptor
    self.annotation = annotation
  }

  /// One video of the lists.
  private struct Member {
    var split: String
    var label: String
    /// By crop.
    var files: [Int: URL] = [:]
    var listedCrops: [Int] = []
  }

  /// Imports and checks the features, and reports all differences from the lists. Progress
  /// counts each video twice: once for its check, once for its links.
  ///
  /// - Throws: `RecordError` for a list or annotation that cannot be read,
  ///   `PipelineError` if none of the listed files is found. A bad file excludes
  ///   its video and is a line of the report.
  public func run(into workspace: Workspace, reporter: StageReporter = .silent) throws
    -> FeatureImportReport
  {
    let read = try lists.map { try FeatureList(contentsOf: $0) }
    let found = filesByName()
    var members: [String: Member] = [:]
    var failures: [String] = []
    for list in read {
      for row in list.rows {
        var member = members[row.video] ?? Member(split: list.split, label: row.label)
        guard member.split == list.split, member.label == row.label else {
          failures.append("\(row.path): the video is listed as another split or label before")
          continue
        }
        member.listedCrops.append(row.crop)
        if let file = found["\(row.video)__\(row.crop).npy"] {
          member.files[row.crop] = file
        } else {
          failures.append("\(row.path): not below \(features.path)")
        }
        members[row.video] = member
      }
    }
    guard members.values.contains(where: { !$0.files.isEmpty }) else {
      throw PipelineError.notReady(
        subject: features.path,
        finding: "none of the \(read.reduce(0) { $0 + $1.rows.count }) listed files",
        remedy: "name the folder that holds files such as \(read[0].rows[0].video)__0.npy")
    }
    return try store(
      members, read: read, failures: failures, workspace: workspace, reporter: reporter)
  }

  private func store(
    _ members: [String: Member], read: [FeatureList], failures: [String], workspace: Workspace,
    reporter: StageReporter
  ) throws -> FeatureImportReport {
    var failures = failures
    var elementTypes: [String: Int] = [:]
    var checked: [(name: String, member: Member, snippets: Int)] = []
    var width: Int?
    let present = members.filter { !$0.value.files.isEmpty }.sorted { $0.key < $1.key }
    reporter.begin("features import", total: 2 * present.count, itemName: "checks and links")
    for (name, member) in present {
      defer { reporter.advance() }
      do {
        let (shape, types) = try check(member, name: name, width: width)
        width = shape[1]
        for type in types { elementTypes[type, default: 0] += 1 }
        checked.append((name, member, shape[0]))
      } catch let error as any ReportableError {
        failures.append(error.description)
      }
    }
    guard let width else {
      throw PipelineError.notReady(
        subject: features.path, finding: "no usable features (\(failures.first ?? ""))",
        remedy: "fetch them again")
    }
    let store = try SnippetFeatureStore(
      root: workspace.visualFeaturesRoot, encoder: nil,
      provenance: provenance(width: width, isHalf: elementTypes["<f2"] != nil))
    let ids = PathSafeName.unique(checked.map(\.name))
    var videos: [DatasetVideo] = []
    for (id, item) in zip(ids, checked) {
      try link(item.member, id: id, snippets: item.snippets, store: store)
      videos.append(try video(id: id, name: item.name, member: item.member))
      reporter.advance()
    }
    reporter.end()
    try ImportedDataset(
      videos: videos, annotations: annotations(ids: ids, names: checked.map(\.name), videos: videos)
    )
    .write(to: workspace)
    return FeatureImportReport(
      splits: try read.map(summary), videos: checked.count,
      files: checked.reduce(0) { $0 + $1.member.files.count },
      snippets: checked.reduce(0) { $0 + $1.snippets * $1.member.files.count },
      elementTypes: elementTypes,
      missingCrops: Dictionary(
        checked.compactMap { item in
          let missing = Set(0..<10).subtracting(item.member.files.keys).sorted()
          return item.member.split == "train" && !missing.isEmpty ? (item.name, missing) : nil
        }, uniquingKeysWith: { first, _ in first }),
      failures: failures, folder: store.folder.path)
  }

  /// The shape that all crops of a video share, and their types.
  private func check(_ member: Member, name: String, width: Int?) throws -> ([Int], [String]) {
    var shape: [Int]?
    var types: [String] = []
    for (crop, file) in member.files.sorted(by: { $0.key < $1.key }) {
      let layout = try Npy.layout(of: file)
      guard layout.shape.count == 2, layout.shape[0] > 0,
        layout.shape[1] == width ?? layout.shape[1]
      else {
        throw RecordError.wrongFormat(
          path: file.path, found: "shape \(layout.shape)",
          expected: "[snippets, \(width ?? 512)]")
      }
      guard layout.shape == shape ?? layout.shape else {
        throw RecordError.wrongFormat(
          path: file.path, found: "\(layout.shape[0]) snippets in crop \(crop)",
          expected: "\(shape?[0] ?? 0), as in the crops before it")
      }
      shape = layout.shape
      let bad = try Npy.read(file).scalars.count { !$0.isFinite }
      guard bad == 0 else {
        throw RecordError.wrongFormat(
          path: file.path, found: "\(bad) non-finite numbers", expected: "none")
      }
      types.append(layout.elementType)
    }
    return (shape ?? [0, 0], types)
  }

  private func provenance(width: Int, isHalf: Bool) throws -> SnippetFeatureProvenance {
    SnippetFeatureProvenance(
      encoder: EncoderIdentity(
        kind: "clip", model: "vadclip-released-\(descriptor.name)", dimension: width),
      pooling: "unpublished", crops: .vadclip10, elementType: isHalf ? .float16 : .float32,
      imported: SnippetFeatureProvenance.Imported(
        folder: features.path,
        lists: Dictionary(
          try lists.map { ($0.lastPathComponent, try ContentHash.ofFile(at: $0)) },
          uniquingKeysWith: { first, _ in first })),
      software: [SoftwareVersions.all])
  }

  private func link(_ member: Member, id: String, snippets: Int, store: SnippetFeatureStore) throws
  {
    for (crop, file) in member.files {
      try store.adopt(file, id: id, crop: crop)
    }
    let crops = member.files.keys.sorted()
    let listed = Set(member.listedCrops)
    try store.keep(
      SnippetFeatureRecord(
        path: member.files[crops[0]]?.path ?? "", fileBytes: 0,
        frameCount: snippets * Snippet.frameCount, decodedFrameCount: nil,
        frameRate: SnippetGrouping.ticksPerSecond, snippetCount: snippets, crops: crops,
        testCrop: listed.count == 1 ? listed.first : nil), id: id)
  }

  private func video(id: String, name: String, member: Member) throws -> DatasetVideo {
    let classes = try classes(of: member.label)
    return DatasetVideo(
      id: id, path: name, split: member.split, classNames: classes.map(\.name),
      isAnomalous: classes.contains { !$0.normal })
  }

  /// `Abuse`, or `B1-B2-0` of XD-Violence.
  private func classes(of label: String) throws -> [ClassDescriptor] {
    let names =
      descriptor.layout == .xd
      ? label.split(separator: "-").map(String.init).filter { $0 != "0" } : [label]
    return try names.map { try descriptor.classDescriptor(named: $0) }
  }

  private func summary(_ list: FeatureList) throws -> FeatureImportReport.Split {
    let normal = try list.rows.count { try classes(of: $0.label).allSatisfy(\.normal) }
    var split = FeatureImportReport.Split(
      split: list.split, rows: list.rows.count, videos: Set(list.rows.map(\.video)).count,
      normalRows: normal, anomalousRows: list.rows.count - normal,
      crops: Dictionary(list.rows.map { ("\($0.crop)", 1) }, uniquingKeysWith: +), differences: [])
    split.differences =
      PublishedFeatureCounts.known(dataset: descriptor.name, split: list.split)?
      .differences(from: split) ?? []
    return split
  }

  /// The temporal annotation of the test videos, by id.
  private func annotations(ids: [String], names: [String], videos: [DatasetVideo]) throws
    -> [String: TemporalAnnotation]
  {
    guard let annotation else { return [:] }
    let text: String
    do {
      text = try String(contentsOf: annotation, encoding: .utf8)
    } catch {
      throw RecordError.cannotRead(path: annotation.path, reason: "no such file, or not UTF-8 text")
    }
    let events =
      descriptor.annotations?.format == .xd
      ? try XDAnnotationFile.parse(text, file: annotation.path)
      : Dictionary(
        try UCFAnnotationFile.parse(text, file: annotation.path).entries.map {
          (
            URL(fileURLWithPath: "/" + $0.fileName).deletingPathExtension().lastPathComponent,
            $0.events
          )
        }, uniquingKeysWith: +)
    var result: [String: TemporalAnnotation] = [:]
    for (index, video) in videos.enumerated() where video.split == "test" {
      result[ids[index]] = TemporalAnnotation(
        videoID: ids[index], className: video.classNames?.first ?? "",
        events: events[names[index]] ?? [])
    }
    return result
  }

  private func filesByName() -> [String: URL] {
    var found: [String: URL] = [:]
    let files = FileManager.default.enumerator(
      at: features, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    while let file = files?.nextObject() as? URL {
      if file.pathExtension == "npy" { found[file.lastPathComponent] = file }
    }
    return found
  }
}
