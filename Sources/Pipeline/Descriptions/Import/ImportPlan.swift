import Datasets
import Records

/// The entries of a file, each with its video.
struct ImportPlan {
  /// What the file says about one video.
  struct Item {
    /// The number of the video in the data set.
    var video: Int
    var entry: ImportedDescription
    var sentences: ImportedSentences
  }

  var items: [Item] = []
  /// Names that fit no video, in the file's order.
  var unmatched: [String] = []
  /// Entries of one video that say different things, and names that fit several videos.
  var problems: [ImportProblem] = []
  /// Entries that repeat another one exactly.
  var repeatedEntries = 0
  /// Entries whose label, or whose name, is of another class than the data set's.
  var contradictions: [String] = []

  /// Matches entries with videos. Rows of one name are the sentences of one video. Other
  /// entries of one video must be equal: different ones are a problem, and none is taken.
  init(_ entries: [ImportedDescription], dataset: Dataset) {
    let index = VideoNameIndex(dataset.videos)
    var groups: [Int: [ImportedDescription]] = [:]
    var order: [Int] = []
    var unknown: Set<String> = []
    for entry in entries {
      var match = VideoNameIndex.Match.none
      if entry.isOwnID { match = index.video(withID: entry.name) }
      if match == .none { match = index.video(named: entry.name) }
      switch match {
      case .none: if unknown.insert(entry.name).inserted { unmatched.append(entry.name) }
      case .several(let numbers):
        let ids = numbers.map { dataset.videos[$0].id }
        problems.append(
          ImportProblem(
            place: entry.place,
            found: "'\(entry.name)', which fits \(ids.count) videos: "
              + ShortList.of(ids, shown: 4),
            expected: "a name of one video, with its folder if need be"))
      case .video(let number):
        if groups[number] == nil { order.append(number) }
        groups[number, default: []].append(entry)
      }
    }
    for number in order {
      let group = groups[number] ?? []
      guard let entry = joined(group, id: dataset.videos[number].id) else { continue }
      items.append(
        Item(video: number, entry: entry, sentences: ImportedSentences(entry.sentences)))
      if let line = Self.contradiction(entry, dataset.videos[number], dataset.descriptor) {
        contradictions.append(line)
      }
    }
  }

  /// The one entry that a video's entries make; nil, with a problem, if they differ.
  private mutating func joined(_ group: [ImportedDescription], id: String)
    -> ImportedDescription?
  {
    guard var entry = group.first, group.count > 1 else { return group.first }
    var distinct: [ImportedDescription] = []
    for other in group {
      if distinct.contains(where: { $0.sentences == other.sentences && $0.name == other.name }) {
        repeatedEntries += 1
      } else {
        distinct.append(other)
      }
    }
    let texts = distinct.map(\.sentences)
    if distinct.count > 1, distinct.allSatisfy({ $0.isRow && $0.name == entry.name }) {
      entry.sentences = texts.flatMap(\.self)
      entry.durationSeconds = group.compactMap(\.durationSeconds).max()
      return entry
    }
    guard texts.dropFirst().allSatisfy({ $0 == texts[0] }) else {
      problems.append(
        ImportProblem(
          place: entry.place,
          found: "different texts for '\(id)' here and in "
            + ShortList.of(distinct.dropFirst().map(\.place), shown: 4),
          expected: "one entry for a video, or rows of one name with start and end"))
      return nil
    }
    return entry
  }

  /// How an entry's class differs from the data set's; nil if it does not, or is unknown.
  private static func contradiction(
    _ entry: ImportedDescription, _ video: DatasetVideo, _ descriptor: DatasetDescriptor
  ) -> String? {
    guard let known = video.classNames else { return nil }
    let own = known.joined(separator: "|")
    if let labels = entry.labels {
      if labels.isEmpty {
        return video.isAnomalous == true
          ? "\(entry.place): no anomaly, but '\(own)' in the data set" : nil
      }
      let classes = labels.compactMap { descriptor.classes(labelled: $0) }.flatMap(\.self)
      guard classes.count >= labels.count, !classes.contains(where: { known.contains($0.name) })
      else { return nil }
      return "\(entry.place): '\(labels.joined(separator: "|"))', but '\(own)' in the data set"
    }
    let stem = entry.name.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let named = descriptor.classes.filter {
      guard stem.hasPrefix($0.fileCode.lowercased()), !$0.fileCode.isEmpty else { return false }
      return stem.dropFirst($0.fileCode.count).first.map { !$0.isLetter } ?? true
    }.max { $0.fileCode.count < $1.fileCode.count }
    guard let named, !known.contains(named.name) else { return nil }
    return "\(entry.place): a name of the class '\(named.name)', but '\(own)' in the data set"
  }
}
