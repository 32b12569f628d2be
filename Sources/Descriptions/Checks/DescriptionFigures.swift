import Foundation
import Workspaces

/// Figures about all current descriptions of a workspace.
struct DescriptionFigures: Sendable {
  /// The number of descriptions with nearly the words of another video's, and the size of the
  /// largest group.
  private(set) var nearDuplicates = 0
  private(set) var largestDuplicateGroup = 0
  /// The videos with these descriptions.
  private(set) var nearDuplicateVideos: Set<String> = []
  /// Descriptions that lack the finding `nearDuplicate`, and those that have it wrongly.
  private var unmarked: [LedgerDescription] = []
  private var wronglyMarked: [LedgerDescription] = []
  /// The number of descriptions of labelled anomalies, and of those among them that name
  /// their class. Good descriptions often do, so this is a figure and not a finding.
  private(set) var withClass = 0
  private(set) var namingTheirClass = 0
  /// The number of descriptions that match their frames unusually poorly.
  private(set) var unlikeFrames = 0

  init(of ledger: Ledger) throws {
    let detector = DuplicateDetector()
    var kinds = DescriberKinds()
    let anomalous = try ledger.videos().filter { $0.isAnomalous == true }
    let classNames = Dictionary(
      anomalous.map { ($0.id, $0.classNames ?? []) }, uniquingKeysWith: { first, _ in first })
    // Equal frames rightly have equal descriptions, so each request counts once.
    var places: [String: Int] = [:]
    let descriptions = try ledger.descriptions()
    for description in descriptions {
      if description.findings?.contains(.unlikeFrames) == true { unlikeFrames += 1 }
      if kinds.isModel(description), places[description.requestKey] == nil {
        places[description.requestKey] = places.count
        _ = detector.insert(description.text)
      }
      guard let names = classNames[description.videoID], !names.isEmpty else { continue }
      withClass += 1
      if names.contains(where: { LabelGuard.names($0, in: description.text) }) {
        namingTheirClass += 1
      }
    }
    let sizes = detector.groupSizes
    nearDuplicates = sizes.ofEach.count { $0 > 1 }
    largestDuplicateGroup = sizes.ofAll.filter { $0 > 1 }.max() ?? 0
    for description in descriptions {
      let isNear = places[description.requestKey].map { sizes.ofEach[$0] > 1 } ?? false
      if isNear { nearDuplicateVideos.insert(description.videoID) }
      let isMarked = description.findings?.contains(.nearDuplicate) ?? false
      guard isNear != isMarked else { continue }
      if isNear { unmarked.append(description) } else { wronglyMarked.append(description) }
    }
  }

  /// Corrects the finding in the ledger. Each member of a group gets it, also the first, which
  /// had nothing to be compared with when it came.
  func mark(in ledger: Ledger) throws {
    try ledger.setFinding(.nearDuplicate, true, of: unmarked.map(\.place))
    try ledger.setFinding(.nearDuplicate, false, of: wronglyMarked.map(\.place))
  }

  /// - Parameter described: the videos that the run described.
  func write(to summary: inout DescribeSummary, described: Set<String>) {
    let near = nearDuplicateVideos.intersection(described).count
    summary.findings[AnswerFinding.nearDuplicate.rawValue] = near > 0 ? near : nil
    summary.nearDuplicates = nearDuplicates
    summary.largestDuplicateGroup = largestDuplicateGroup
    summary.withClass = withClass
    summary.unlikeFrames = unlikeFrames
    summary.namingTheirClass = namingTheirClass
  }
}

/// Distinguishes a model's descriptions from measured ones, whose sentences are always
/// similar.
struct DescriberKinds {
  // A ledger holds few identities and many descriptions, so each identity is decoded once.
  private var known: [String: Bool] = [:]

  mutating func isModel(_ description: LedgerDescription) -> Bool {
    if let isModel = known[description.describer] { return isModel }
    let identity = DescriberIdentity(recorded: description.describer)
    let isModel = identity.map { $0.kind != .builtin } ?? true
    known[description.describer] = isModel
    return isModel
  }
}
