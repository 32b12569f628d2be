import Foundation
import Workspaces

/// Figures about all present descriptions of a workspace.
struct DescriptionFigures: Sendable {
  /// Descriptions with nearly the words of another video's, and the largest group.
  private(set) var nearDuplicates = 0
  private(set) var largestDuplicateGroup = 0
  /// All videos whose description is one of those.
  private(set) var nearlyDescribed: Set<String> = []
  /// Those that are not marked so, and those that are wrongly.
  private var unmarked: [LedgerDescription] = []
  private var wronglyMarked: [LedgerDescription] = []
  /// Descriptions of labelled anomalies, and those that name their class: a good
  /// description often does, so it is a figure and no finding.
  private(set) var withClass = 0
  private(set) var namingTheirClass = 0
  /// Descriptions that fit their frames far worse than the rest.
  private(set) var unlikeFrames = 0

  init(of ledger: Ledger) throws {
    let watch = DuplicateDetector()
    var kinds = DescriberKinds()
    let anomalous = try ledger.videos().filter { $0.isAnomalous == true }
    let classNames = Dictionary(
      anomalous.map { ($0.id, $0.classNames ?? []) }, uniquingKeysWith: { first, _ in first })
    // The same frames have the same description by right: one member of a group.
    var places: [String: Int] = [:]
    let descriptions = try ledger.descriptions()
    for description in descriptions {
      if description.findings?.contains(.unlikeFrames) == true { unlikeFrames += 1 }
      if kinds.isModel(description), places[description.requestKey] == nil {
        places[description.requestKey] = places.count
        _ = watch.insert(description.text)
      }
      guard let names = classNames[description.videoID], !names.isEmpty else { continue }
      withClass += 1
      if names.contains(where: { LabelGuard.names($0, in: description.text) }) {
        namingTheirClass += 1
      }
    }
    let sizes = watch.groupSizes
    nearDuplicates = sizes.ofEach.count { $0 > 1 }
    largestDuplicateGroup = sizes.ofAll.filter { $0 > 1 }.max() ?? 0
    for description in descriptions {
      let isNear = places[description.requestKey].map { sizes.ofEach[$0] > 1 } ?? false
      if isNear { nearlyDescribed.insert(description.videoID) }
      let isMarked = description.findings?.contains(.nearDuplicate) ?? false
      guard isNear != isMarked else { continue }
      if isNear { unmarked.append(description) } else { wronglyMarked.append(description) }
    }
  }

  /// Marks each one of a group: the first came before there was anything to compare it with.
  func mark(in ledger: Ledger) throws {
    try ledger.setFinding(.nearDuplicate, true, of: unmarked.map(\.place))
    try ledger.setFinding(.nearDuplicate, false, of: wronglyMarked.map(\.place))
  }

  /// - Parameter described: whom the run described.
  func write(to summary: inout DescribeSummary, described: Set<String>) {
    let near = nearlyDescribed.intersection(described).count
    summary.findings[AnswerFinding.nearDuplicate.rawValue] = near > 0 ? near : nil
    summary.nearDuplicates = nearDuplicates
    summary.largestDuplicateGroup = largestDuplicateGroup
    summary.withClass = withClass
    summary.unlikeFrames = unlikeFrames
    summary.namingTheirClass = namingTheirClass
  }
}

/// Tells descriptions of a model from measured ones, whose sentences are alike by
/// nature.
struct DescriberKinds {
  // A ledger holds few identities and many descriptions.
  private var known: [String: Bool] = [:]

  mutating func isModel(_ description: LedgerDescription) -> Bool {
    if let isModel = known[description.describer] { return isModel }
    let identity = try? JSONDecoder().decode(
      DescriberIdentity.self, from: Data(description.describer.utf8))
    let isModel = identity.map { $0.kind != .builtin } ?? true
    known[description.describer] = isModel
    return isModel
  }
}
