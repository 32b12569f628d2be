import Datasets
import Encoders
import Foundation
import Records
import Tensors
import Video
import Workspaces

/// Imports released features into a workspace: `features/visual/<key>/` and `imported.json`.
/// VadCLIP's are one .npy [snippets, 512] per crop; the RTFM family's are one per video with
/// all crops, [snippets, crops, width] or [crops, snippets, width].
public struct FeatureImport {
  private let features: URL
  private let lists: [URL]
  private let descriptor: DatasetDescriptor
  private let annotation: URL?
  private let classAnnotation: URL?
  private let takesAllCrops: Bool
  private let layout: CropLayout?

  /// - Parameters:
  ///   - features: The folder with the .npy files, at any depth.
  ///   - lists: VadCLIP's CSV files, or lists of one path per line.
  ///   - annotation: The temporal annotation in the data set's format.
  ///   - classAnnotation: XD-Violence's `annotations_multiclasses.txt`: the events with their
  ///     classes.
  ///   - takesAllCrops: Whether crops of a listed video that no list names are taken too. The
  ///     listed one scores the video all the same.
  ///   - layout: The axes of files with all crops; nil to decide by the files.
  public init(
    features: URL, lists: [URL], descriptor: DatasetDescriptor, annotation: URL? = nil,
    classAnnotation: URL? = nil, takesAllCrops: Bool = false, layout: CropLayout? = nil
  ) {
    self.features = features
    self.lists = lists
    self.descriptor = descriptor
    self.annotation = annotation
    self.classAnnotation = classAnnotation
    self.takesAllCrops = takesAllCrops
    self.layout = layout
  }

  /// Imports and checks the features, and reports all differences from the lists. Progress
  /// counts each video twice: once for its check, once for its files.
  ///
  /// - Throws: `RecordError` for a list or annotation that cannot be read,
  ///   `PipelineError` if none of the listed files is found, if files differ in width, or if the
  ///   axes of files with all crops are not clear. A bad file excludes its video and is a line
  ///   of the report.
  public func run(
    into workspace: Workspace, reporter: StageReporter = .silent, stop: StopSignal = StopSignal()
  ) throws -> FeatureImportReport {
    let read = try lists.map { try FeatureList(contentsOf: $0) }
    let found = filesByName()
    var members: [String: ReleasedVideo] = [:]
    var failures: [String] = []
    for list in read {
      for row in list.rows {
        var member =
          members[row.video]
          ?? ReleasedVideo(name: row.video, split: list.split, label: row.label)
        guard member.split == list.split, member.label == row.label else {
          failures.append("\(row.path): the video is listed as another split or label before")
          continue
        }
        let names =
          row.crop.map { ["\(row.video)__\($0).npy"] }
          ?? [
            row.path.split { "/\\".contains($0) }.last.map(String.init) ?? "", "\(row.video).npy",
          ]
        if let file = names.compactMap({ found[$0] }).first {
          if let crop = row.crop { member.files[crop] = file } else { member.whole = file }
          if takesAllCrops, row.crop != nil {
            for (crop, file) in crops(of: row.video, in: found) { member.files[crop] = file }
          }
        } else {
          failures.append("\(row.path): not below \(features.path)")
        }
        if let crop = row.crop { member.listedCrops.append(crop) }
        guard member.whole == nil || member.files.isEmpty else {
          failures.append("\(row.path): listed both by crop and with all crops")
          continue
        }
        members[row.video] = member
      }
    }
    guard members.values.contains(where: { !$0.urls.isEmpty }) else {
      let example = read[0].rows[0]
      throw PipelineError.notReady(
        subject: features.path,
        finding: "none of the \(read.reduce(0) { $0 + $1.rows.count }) listed files",
        remedy: "name the folder that holds files such as "
          + (example.crop.map { "\(example.video)__\($0).npy" } ?? "\(example.video).npy"))
    }
    // Labels of names are checked before anything is stored.
    for member in members.values { _ = try classes(of: member.label, named: member.name) }
    return try store(
      members.values.filter { !$0.urls.isEmpty }.sorted { $0.name < $1.name }, read: read,
      failures: failures, workspace: workspace, reporter: reporter, stop: stop)
  }

  /// A video whose files passed the check.
  private struct Checked {
    var video: ReleasedVideo
    var snippets: Int
    var crops: [Int]
    /// Of the file with all crops.
    var contentHash: String?
    var wasStored = false
  }

  private func store(
    _ members: [ReleasedVideo], read: [FeatureList], failures: [String], workspace: Workspace,
    reporter: StageReporter, stop: StopSignal
  ) throws -> FeatureImportReport {
    let shapes = try ReleasedShapes(members, layout: layout)
    var elementTypes: [String: Int] = [:]
    for url in members.flatMap(\.urls) {
      if let type = try? Npy.layout(of: url).elementType { elementTypes[type, default: 0] += 1 }
    }
    let store = try SnippetFeatureStore(
      root: workspace.visualFeaturesRoot, encoder: nil,
      provenance: provenance(
        shapes: shapes, isHalf: elementTypes["<f2"] != nil,
        areListedByCrop: members.allSatisfy { $0.whole == nil && $0.label != nil }))
    let ids = PathSafeName.unique(members.map(\.name))
    var failures = failures
    elementTypes = [:]
    var checked: [(id: String, item: Checked)] = []
    reporter.begin("features import", total: members.count, itemName: "videos")
    for (id, member) in zip(ids, members) where !stop.isRequested {
      do {
        let item = try take(member, id: id, shapes: shapes, store: store)
        for url in member.urls {
          elementTypes[try Npy.layout(of: url).elementType, default: 0] += 1
        }
        checked.append((id, item))
        reporter.advance()
      } catch let error as any ReportableError {
        failures.append(error.description)
        reporter.advance(failed: true)
      }
    }
    reporter.end()
    guard !stop.isRequested else { throw CancellationError() }
    guard !checked.isEmpty else {
      throw PipelineError.notReady(
        subject: features.path, finding: "no usable features (\(failures.first ?? ""))",
        remedy: "fetch them again")
    }
    var videos: [DatasetVideo] = []
    for (id, item) in checked { videos.append(try video(id: id, item.video)) }
    try ImportedDataset(
      videos: videos,
      annotations: annotations(
        ids: checked.map(\.id), names: checked.map(\.item.video.name), videos: videos),
      classEvents: classEvents(
        ids: checked.map(\.id), names: checked.map(\.item.video.name))
    ).write(to: workspace)
    return FeatureImportReport(
      splits: try read.map(summary), videos: checked.count,
      files: checked.reduce(0) { $0 + $1.item.video.urls.count },
      snippets: checked.reduce(0) { $0 + $1.item.snippets * $1.item.crops.count },
      width: shapes.width, crops: shapes.crops, layout: shapes.layout,
      alreadyStored: checked.count { $0.item.wasStored }, elementTypes: elementTypes,
      missingCrops: missingCrops(checked.map(\.item), of: shapes), failures: failures,
      folder: store.folder.path)
  }

  /// The crops that training videos lack, of ten, or of five if no video has more.
  private func missingCrops(_ checked: [Checked], of shapes: ReleasedShapes) -> [String: [Int]] {
    let expected = shapes.layout != nil || shapes.crops == 5 ? shapes.crops : 10
    return Dictionary(
      checked.compactMap { item in
        guard item.video.split == "train", item.video.whole == nil || shapes.layout != nil else {
          return nil
        }
        let missing = Set(0..<expected).subtracting(item.crops).sorted()
        return missing.isEmpty ? nil : (item.video.name, missing)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Checks a video's files and stores them, the record last: linked if there is one per crop,
  /// else written crop by crop. A file with all crops that is stored already is not read again.
  private func take(
    _ member: ReleasedVideo, id: String, shapes: ReleasedShapes, store: SnippetFeatureStore
  ) throws -> Checked {
    guard let whole = member.whole else {
      let snippets = try check(member, width: shapes.width)
      var item = Checked(
        video: member, snippets: snippets, crops: member.files.keys.sorted())
      let record = record(of: item)
      item.wasStored =
        try store.record(id: id) == record
        && member.files.allSatisfy {
          Self.areOneFile($1, store.folder.appendingPathComponent("\(id)__\($0).npy"))
        }
      guard !item.wasStored else { return item }
      for (crop, file) in member.files { try store.adopt(file, id: id, crop: crop) }
      try store.keep(record, id: id)
      return item
    }
    let hash = try VideoFingerprint.measure(path: whole.path).hash
    if let stored = try store.record(id: id), stored.contentHash == hash {
      return Checked(
        video: member, snippets: stored.snippetCount, crops: stored.crops, contentHash: hash,
        wasStored: true)
    }
    let crops = try shapes.crops(of: whole)
    guard let first = crops.first, first.shape[0] > 0, first.shape[1] == shapes.width else {
      throw RecordError.wrongFormat(
        path: whole.path, found: "\(crops.count) crops of shape \(crops.first?.shape ?? [])",
        expected: "at least one snippet of width \(shapes.width)")
    }
    try checkFinite(crops.reduce(0) { $0 + $1.scalars.count { !$0.isFinite } }, in: whole)
    let item = Checked(
      video: member, snippets: first.shape[0], crops: Array(crops.indices), contentHash: hash)
    try store.write(
      crops.enumerated().map { ($0.offset, $0.element) }, record: record(of: item), id: id)
    return item
  }

  /// Whether two paths lead to one file, as a link to it does.
  private static func areOneFile(_ first: URL, _ second: URL) -> Bool {
    var (one, other) = (stat(), stat())
    guard stat(first.path, &one) == 0, stat(second.path, &other) == 0 else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  /// The number of snippets that all crops of a video share.
  private func check(_ member: ReleasedVideo, width: Int) throws -> Int {
    var shape: [Int]?
    for (crop, file) in member.files.sorted(by: { $0.key < $1.key }) {
      let layout = try Npy.layout(of: file)
      guard layout.shape.count == 2, layout.shape[0] > 0, layout.shape[1] == width else {
        throw RecordError.wrongFormat(
          path: file.path, found: "shape \(layout.shape)",
          expected: "[snippets, \(width)] for one crop (a file with all crops is listed without "
            + "'__<crop>')")
      }
      guard layout.shape == shape ?? layout.shape else {
        throw RecordError.wrongFormat(
          path: file.path, found: "\(layout.shape[0]) snippets in crop \(crop)",
          expected: "\(shape?[0] ?? 0), as in the crops before it")
      }
      shape = layout.shape
      try checkFinite(Npy.read(file).scalars.count { !$0.isFinite }, in: file)
    }
    return shape?[0] ?? 0
  }

  private func checkFinite(_ bad: Int, in file: URL) throws {
    guard bad == 0 else {
      throw RecordError.wrongFormat(
        path: file.path, found: "\(bad) non-finite numbers", expected: "none")
    }
  }

  private func provenance(shapes: ReleasedShapes, isHalf: Bool, areListedByCrop: Bool) throws
    -> SnippetFeatureProvenance
  {
    let imported = SnippetFeatureProvenance.Imported(
      folder: features.path,
      lists: Dictionary(
        try lists.map { ($0.lastPathComponent, try ContentHash.ofFile(at: $0)) },
        uniquingKeysWith: { first, _ in first }))
    // VadCLIP's are known by their lists and their width; who made other features, and of what
    // part of the frame, is not.
    let isVadCLIP = areListedByCrop && shapes.width == ReleasedFeatures.vadclipWidth
    var provenance = SnippetFeatureProvenance(
      encoder: ReleasedFeatures.encoder(
        dataset: descriptor.name, width: shapes.width, isVadCLIP: isVadCLIP),
      pooling: ReleasedFeatures.pooling, crops: .vadclip10,
      elementType: isHalf ? .float16 : .float32,
      imported: imported, software: [SoftwareVersions.all])
    if !isVadCLIP {
      provenance.geometry = "as released"
      provenance.cropOrder = (0..<shapes.crops).map { "crop \($0)" }
    }
    return provenance
  }

  private func record(of item: Checked) -> SnippetFeatureRecord {
    let listed = Set(item.video.listedCrops)
    return SnippetFeatureRecord(
      path: item.video.urls.first?.path ?? "", fileBytes: 0, contentHash: item.contentHash,
      frameCount: item.snippets * Snippet.frameCount, decodedFrameCount: nil,
      frameRate: SnippetGrouping.ticksPerSecond, snippetCount: item.snippets, crops: item.crops,
      testCrop: listed.count == 1 ? listed.first : nil)
  }

  private func video(id: String, _ member: ReleasedVideo) throws -> DatasetVideo {
    let classes = try classes(of: member.label, named: member.name)
    return DatasetVideo(
      id: id, path: member.name, split: member.split, classNames: classes.map(\.name),
      isAnomalous: classes.contains { !$0.normal })
  }

  /// `Abuse`, or `B1-B2-0` of XD-Violence; without a label what the name gives.
  private func classes(of label: String?, named name: String) throws -> [ClassDescriptor] {
    guard let label else {
      if let classes = descriptor.classes(ofFileNamed: name) { return classes }
      throw PipelineError.notReady(
        subject: name,
        finding: "a list without labels, and a name that gives no class of "
          + descriptor.title,
        remedy: "write the list as path,label, or name another --dataset")
    }
    let names =
      descriptor.layout == .xd
      ? label.split(separator: "-").map(String.init).filter { $0 != "0" } : [label]
    return try names.map { try descriptor.classDescriptor(named: $0) }
  }

  func summary(_ list: FeatureList) throws -> FeatureImportReport.Split {
    let normal = try list.rows.count {
      try classes(of: $0.label, named: $0.video).allSatisfy(\.normal)
    }
    var split = FeatureImportReport.Split(
      split: list.split, rows: list.rows.count, videos: Set(list.rows.map(\.video)).count,
      normalRows: normal, anomalousRows: list.rows.count - normal,
      crops: Dictionary(
        list.rows.map { ($0.crop.map(String.init) ?? "all", 1) }, uniquingKeysWith: +),
      differences: [])
    // The published lists are VadCLIP's, a row per crop.
    if list.rows.contains(where: { $0.crop != nil && $0.label != nil }) {
      split.differences =
        PublishedFeatureCounts.known(dataset: descriptor.name, split: list.split)?
        .differences(from: split) ?? []
    }
    return split
  }

  /// The temporal annotation of the test videos, by id.
  private func annotations(ids: [String], names: [String], videos: [DatasetVideo]) throws
    -> [String: TemporalAnnotation]
  {
    guard let annotation else { return [:] }
    let text = try Self.text(of: annotation)
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

  /// The events of videos with their classes, by id.
  private func classEvents(ids: [String], names: [String]) throws
    -> [String: [XDClassAnnotationFile.Event]]?
  {
    guard let classAnnotation else { return nil }
    let events = try XDClassAnnotationFile.parse(
      Self.text(of: classAnnotation), file: classAnnotation.path, descriptor: descriptor)
    return Dictionary(
      zip(ids, names).compactMap { id, name in events[name].map { (id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  private static func text(of file: URL) throws -> String {
    do {
      return try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw RecordError.cannotRead(path: file.path, reason: "no such file, or not UTF-8 text")
    }
  }

  /// The crops of a video that are there, VadCLIP's ten at most.
  private func crops(of video: String, in found: [String: URL]) -> [(Int, URL)] {
    (0..<FrameCrops.vadclip10.count).compactMap { crop in
      found["\(video)__\(crop).npy"].map { (crop, $0) }
    }
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
