import Datasets

/// Compares the classes and events in lists and annotation files with those of the videos.
struct LabelComparison {
  let dataset: Dataset

  init(_ dataset: Dataset) {
    self.dataset = dataset
  }

  /// The disagreements of a list's label, or of the events with classes, with a video's own
  /// classes and events.
  func findings(_ video: DatasetVideo) -> [DatasetFinding] {
    listFindings(video) + eventFindings(video)
  }

  private func listFindings(_ video: DatasetVideo) -> [DatasetFinding] {
    guard let listed = dataset.listedLabels[video.id], let own = video.classNames else { return [] }
    return listed.texts.compactMap { text in
      let classes = dataset.descriptor.classes(labelled: text)
      guard classes.map({ Set($0.map(\.name)) }) != Set(own) else { return nil }
      return DatasetFinding(
        .label, video.id,
        found: "'\(text)' in \(listed.list)"
          + (classes == nil ? ", which is not a class" : ""),
        expected: own.joined(separator: ", ") + ", by its name or folder")
    }
  }

  private func eventFindings(_ video: DatasetVideo) -> [DatasetFinding] {
    guard let events = dataset.classEvents[video.id] else { return [] }
    var findings: [DatasetFinding] = []
    let named = Set(events.map(\.className))
    if let own = video.classNames, named != Set(own) {
      findings.append(
        DatasetFinding(
          .label, video.id, found: "events of \(named.sorted().joined(separator: ", "))",
          expected: own.joined(separator: ", ") + ", by its name or folder"))
    }
    let classed = Self.union(events.map(\.frames))
    let plain = Self.union(dataset.annotations[video.id]?.events ?? [])
    for (only, found, expected) in [
      (Self.difference(classed, plain), "no event", "the event in the file with classes"),
      (Self.difference(plain, classed), "an event without a class", "a class for each event"),
    ] where !only.isEmpty {
      let frames = only.reduce(0) { $0 + $1.count }
      findings.append(
        DatasetFinding(
          .annotation, video.id,
          found: "\(found) over \(frames) frames, the first \(only[0].lowerBound) to "
            + "\(only[0].upperBound - 1)",
          expected: expected))
    }
    return findings
  }

  /// The union of ranges, in order. Ranges that touch or overlap are joined.
  private static func union(_ ranges: [Range<Int>]) -> [Range<Int>] {
    ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
      .reduce(into: []) { joined, range in
        if let last = joined.last, range.lowerBound <= last.upperBound {
          joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
          joined.append(range)
        }
      }
  }

  /// The parts of the first ranges that are not in the second; both lists are unions.
  private static func difference(_ ranges: [Range<Int>], _ taken: [Range<Int>]) -> [Range<Int>] {
    var left: [Range<Int>] = []
    for range in ranges {
      var start = range.lowerBound
      for other in taken where other.upperBound > start && other.lowerBound < range.upperBound {
        if other.lowerBound > start { left.append(start..<other.lowerBound) }
        start = other.upperBound
      }
      if start < range.upperBound { left.append(start..<range.upperBound) }
    }
    return left
  }
}
