import Foundation
import Records

/// Matches the files below a root with a descriptor's lists, labels and annotation.
struct DatasetReader {
  let descriptor: DatasetDescriptor
  let scan: FolderScan

  func read() throws -> Dataset {
    guard !scan.videos.isEmpty else {
      if let name = scan.undecodable.first {
        throw DatasetError.undecodableNames(
          path: scan.root.path, count: scan.undecodable.count, example: name)
      }
      throw DatasetError.noVideos(
        path: scan.root.path, extensions: VideoFiles.extensions.sorted())
    }
    let events = try readAnnotations()
    let lists = try readLists()
    var used: Set<String> = Set(lists.values.map(\.file.relativePath))
    if let annotationFile { used.insert(annotationFile.relativePath) }
    if let classFile { used.insert(classFile.relativePath) }

    var members: [(file: FolderScan.File, split: String?)] = []
    var missing: [String] = []
    var missingBySplit: [String: [String]] = [:]
    var repeated = lists.values.flatMap(\.list.repeated).sorted()
    if let splits = descriptor.splits {
      var claimed: Set<String> = []
      for split in splits {
        guard let list = lists[split.name] else { continue }
        let byStem = Dictionary(grouping: scan.videos, by: \.stem)
        var found = 0
        for entry in list.list.entries {
          let stem = VideoListFile.stem(ofEntry: entry)
          // If several files have the name, the file at the listed path counts.
          let candidates = byStem[stem] ?? []
          guard
            let file = candidates.first(where: { $0.relativePath.hasSuffix(entry) })
              ?? candidates.first
          else {
            missing.append(entry)
            missingBySplit[split.name, default: []].append(entry)
            continue
          }
          found += 1
          if claimed.insert(file.relativePath).inserted {
            members.append((file, split.name))
          } else {
            repeated.append(entry)
          }
        }
        if found == 0, let example = list.list.entries.first {
          throw DatasetError.listedVideosMissing(
            dataset: descriptor.name, list: list.file.name, count: list.list.entries.count,
            example: example, root: scan.root.path)
        }
      }
      for video in scan.videos where !claimed.contains(video.relativePath) {
        if let name = splitByPlace(of: video, splits: splits, events: events) {
          members.append((video, name))
        }
      }
      members.sort { $0.file.relativePath < $1.file.relativePath }
    } else {
      members = scan.videos.map { ($0, nil) }
    }
    var dataset = try assemble(members, events: events, missing: missing, used: used)
    dataset.missingBySplit = missingBySplit
    dataset.undecodableNames = scan.undecodable
    if let first = scan.undecodable.first {
      dataset.notes.append(
        "\(scan.undecodable.count) file names are not UTF-8 and cannot be opened, for example "
          + "\(first); rename them, for example with convmv")
    }
    let taken = Set(members.map(\.file.relativePath))
    dataset.extraVideos = scan.videos.map(\.relativePath).filter { !taken.contains($0) }
    dataset.repeatedEntries = repeated
    let ids = Dictionary(
      zip(members.map(\.file.stem), dataset.videos.map(\.id)),
      uniquingKeysWith: { first, _ in first })
    dataset.listedLabels = Self.listedLabels(lists.values, ids: ids)
    let classEvents = try readClassEvents()
    for (stem, events) in classEvents { if let id = ids[stem] { dataset.classEvents[id] = events } }
    let stems = Set(members.map(\.file.stem))
    dataset.unmatchedAnnotations = events.filter {
      !stems.contains($0.key) && !$0.value.events.isEmpty
    }
    .map {
      TemporalAnnotation(
        videoID: $0.key, className: $0.value.className ?? "", events: $0.value.events)
    }.sorted { $0.videoID < $1.videoID }
    return dataset
  }

  private static func listedLabels(
    _ lists: some Sequence<(file: FolderScan.File, list: VideoListFile)>, ids: [String: String]
  ) -> [String: ListedLabel] {
    var labels: [String: ListedLabel] = [:]
    for (file, list) in lists {
      for (entry, texts) in list.labels {
        guard let id = ids[VideoListFile.stem(ofEntry: entry)] else { continue }
        labels[id] = ListedLabel(texts: texts.sorted(), list: file.name)
      }
    }
    return labels
  }

  private func assemble(
    _ members: [(file: FolderScan.File, split: String?)], events: [String: AnnotatedEvents],
    missing: [String], used: Set<String>
  ) throws -> Dataset {
    let scenes = try descriptor.scenePattern.map { try NSRegularExpression(pattern: $0) }
    let labels = LabelReader(descriptor: descriptor)
    let ids = PathSafeName.unique(members.map(\.file.stem))
    var videos: [DatasetVideo] = []
    var annotations: [String: TemporalAnnotation] = [:]
    var labelledFrames: [String: Int] = [:]
    for (id, member) in zip(ids, members) {
      let classes = labels.classes(of: member.file)
      let anomalous = classes.map { $0.contains { !$0.normal } }
      videos.append(
        DatasetVideo(
          id: id, path: member.file.url.path, split: member.split,
          classNames: classes.map { $0.map(\.name) }, isAnomalous: anomalous,
          sceneID: scenes.flatMap { Self.firstGroup($0, in: member.file.stem) }))
      if let found = events[member.file.stem] {
        labelledFrames[id] = found.frameCount
        annotations[id] = TemporalAnnotation(
          videoID: id, className: found.className ?? classes?.first?.name ?? "",
          events: found.events)
      } else if anomalous == false, !events.isEmpty, member.split != "train" {
        annotations[id] = TemporalAnnotation(
          videoID: id, className: classes?.first?.name ?? "", events: [])
      }
    }
    let ignored =
      scan.videos.count - members.count
      + scan.others.filter { !used.contains($0.relativePath) }.count
    return Dataset(
      descriptor: descriptor, root: scan.root, videos: videos, annotations: annotations,
      missingVideos: missing, labelledFrames: labelledFrames, ignoredFileCount: ignored,
      notes: Self.notes(videos: videos, missing: missing, ignored: ignored))
  }

  private static func notes(videos: [DatasetVideo], missing: [String], ignored: Int) -> [String] {
    var notes: [String] = []
    if let first = missing.first {
      notes.append("\(missing.count) listed videos are missing, for example \(first)")
    }
    if ignored > 0 {
      notes.append("\(ignored) files are ignored: not videos, or in no split")
    }
    let unlabelled = videos.filter { $0.isAnomalous == nil }
    if let first = unlabelled.first {
      notes.append(
        "\(unlabelled.count) of \(videos.count) labels are unknown, for example \(first.id)")
    }
    return notes
  }

  private struct AnnotatedEvents {
    var className: String?
    var events: [Range<Int>]
    /// The number of labelled frames; nil for formats that do not give it.
    var frameCount: Int?
  }

  /// The annotation file of formats with a single file.
  private var annotationFile: FolderScan.File? {
    descriptor.annotations.flatMap { $0.format == .masks ? nil : scan.file(matching: $0.files) }
  }

  /// The file that gives events their classes.
  private var classFile: FolderScan.File? {
    descriptor.annotations?.classFiles.flatMap { scan.file(matching: $0) }
  }

  /// Events with their classes by file stem; empty if no file gives them.
  private func readClassEvents() throws -> [String: [XDClassAnnotationFile.Event]] {
    guard let classFile else { return [:] }
    return try XDClassAnnotationFile.parse(
      Self.text(of: classFile), file: classFile.url.path, descriptor: descriptor)
  }

  /// Events by file stem; empty if there is no annotation file.
  private func readAnnotations() throws -> [String: AnnotatedEvents] {
    guard let annotations = descriptor.annotations else { return [:] }
    if annotations.format == .masks { return try readMasks(annotations.files) }
    guard let annotationFile else { return [:] }
    let text = try Self.text(of: annotationFile)
    switch annotations.format {
    case .masks: return [:]
    case .ucf:
      let entries = try UCFAnnotationFile.parse(text, file: annotationFile.url.path).entries
      return Dictionary(
        entries.map {
          (
            VideoListFile.stem(ofEntry: $0.fileName),
            AnnotatedEvents(className: $0.className, events: $0.events)
          )
        }, uniquingKeysWith: { first, _ in first })
    case .xd:
      return try XDAnnotationFile.parse(text, file: annotationFile.url.path)
        .mapValues { AnnotatedEvents(className: nil, events: $0) }
    }
  }

  private func readMasks(_ patterns: [String]) throws -> [String: AnnotatedEvents] {
    var events: [String: AnnotatedEvents] = [:]
    for file in scan.files(matching: patterns) {
      let mask = try FrameMaskFile(contentsOf: file.url)
      events[file.stem] = AnnotatedEvents(
        className: nil, events: mask.events, frameCount: mask.frameCount)
    }
    return events
  }

  /// The lists of the splits, by split. The list of a split with another rule is optional.
  private func readLists() throws -> [String: (file: FolderScan.File, list: VideoListFile)] {
    var lists: [String: (file: FolderScan.File, list: VideoListFile)] = [:]
    for split in descriptor.splits ?? [] {
      guard let patterns = split.lists else { continue }
      guard let file = scan.file(matching: patterns) else {
        if split.folders != nil || split.annotated == true || split.others == true { continue }
        throw DatasetError.listMissing(
          dataset: descriptor.name, wanted: patterns, root: scan.root.path)
      }
      lists[split.name] = (file, try VideoListFile(Self.text(of: file), file: file.url.path))
    }
    return lists
  }

  private func splitByPlace(
    of video: FolderScan.File, splits: [SplitDescriptor], events: [String: AnnotatedEvents]
  ) -> String? {
    splits.first { split in
      (split.folders ?? []).contains { pattern in
        video.folders.contains { ShellPattern.matches($0, pattern) }
      } || (split.annotated == true && events[video.stem] != nil)
    }?.name ?? splits.first { $0.others == true }?.name
  }

  private static func text(of file: FolderScan.File) throws -> String {
    do {
      return try String(contentsOf: file.url, encoding: .utf8)
    } catch {
      throw DatasetError.badDescriptor(
        file: file.url.path, finding: "not readable as UTF-8 text",
        remedy: "correct or remove the file")
    }
  }

  private static func firstGroup(_ pattern: NSRegularExpression, in text: String) -> String? {
    let whole = NSRange(text.startIndex..., in: text)
    guard let match = pattern.firstMatch(in: text, range: whole), match.numberOfRanges > 1,
      let range = Range(match.range(at: 1), in: text)
    else { return nil }
    return String(text[range])
  }
}
