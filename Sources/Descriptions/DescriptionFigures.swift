import Foundation
import Workspaces

/// Figures about all present descriptions of a workspace.
struct DescriptionFigures: Sendable {
  /// Descriptions with nearly the words of another video's, and the largest group.
  private(set) var nearDuplicates = 0
  private(set) var largestDuplicateGroup = 0
  /// Descriptions of labelled anomalies, and those that name their class: a good
  /// description often does, so it is a figure and no finding.
  private(set) var withClass = 0
  private(set) var namingTheirClass = 0
  /// Descriptions that fit their frames far worse than the rest.
  private(set) var unlikeFrames = 0

  init(of ledger: Ledger) throws {
    let watch = DuplicateWatch()
    var kinds = DescriberKinds()
    let anomalous = try ledger.videos().filter { $0.isAnomalous == true }
    let classNames = Dictionary(
      anomalous.map { ($0.id, $0.classNames ?? []) }, uniquingKeysWith: { first, _ in first })
    // The same frames have the same description by right.
    var seen: Set<String> = []
    for description in try ledger.descriptions() {
      if description.findings?.contains(.unlikeFrames) == true { unlikeFrames += 1 }
      if kinds.isModel(description), seen.insert(description.requestKey).inserted {
        _ = watch.insert(description.text)
      }
      guard let names = classNames[description.videoID], !names.isEmpty else { continue }
      withClass += 1
      if names.contains(where: { LabelGuard.names($0, in: description.text) }) {
        namingTheirClass += 1
      }
    }
    (nearDuplicates, largestDuplicateGroup) = watch.counts
  }

  func write(to summary: inout DescribeSummary) {
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
