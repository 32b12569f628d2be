import Synchronization
import Workspaces

/// Detects that a share of a run's answers has one defect for which answers are not kept. A
/// single one says little about a server; many are the sign of a wrong setting.
package final class BadAnswerWatch: Sendable {
  private struct State {
    var answers = 0
    var counts: [AnswerFinding: Int] = [:]
    var alarmed: Set<AnswerFinding> = []
  }
  private let state = Mutex(State())

  package init() {}

  /// Counts an answer that was kept.
  package func noteKept() { state.withLock { $0.answers += 1 } }

  /// Counts an item whose last answer was not kept.
  ///
  /// - Returns: the warning, once for each finding: when it has the number and the share for
  ///   which `DuplicateDetector` gives alarm.
  package func noteRejected(_ finding: AnswerFinding, reason: String) -> String? {
    state.withLock { state in
      state.answers += 1
      state.counts[finding, default: 0] += 1
      let count = state.counts[finding] ?? 0
      guard count >= DuplicateDetector.alarmCount,
        Double(count) >= DuplicateDetector.alarmShare * Double(state.answers),
        state.alarmed.insert(finding).inserted
      else { return nil }
      return
        "\(count) of \(state.answers) answers are \(finding.inWords) (\(finding.rawValue)) and "
        + "are not kept, the last: \(reason); \(finding.remedy.words)"
    }
  }
}

/// Detects that the first answers of a run all have other prompt tokens than predicted: the
/// server resizes or drops every picture, which the run would otherwise go on with.
struct ResizedPictures {
  /// This many first answers decide.
  static let first = 5

  private let needed: Int
  private var seen = 0
  private var isOver = false

  /// - Parameter items: the number of items in the run.
  init(items: Int) {
    needed = max(1, min(Self.first, items))
  }

  /// Counts a description; returns the warning when it is the last of the first ones and all
  /// had the finding.
  mutating func note(_ description: Description) -> String? {
    guard !isOver, let counted = description.pictureTokens else { return nil }
    guard description.findings.contains(.imageTokens) else {
      isOver = true
      return nil
    }
    seen += 1
    guard seen >= needed else { return nil }
    isOver = true
    return counted.warning(seen)
  }
}

/// The tokens of a request's pictures.
struct PictureTokens: Codable, Sendable, Equatable {
  let endpoint: String
  /// The number of pictures.
  let pictures: Int
  /// What the server counted, and what the model's rule says, markers included.
  let counted: Int
  let predicted: Int
  /// What helps.
  let remedy: String

  func warning(_ answers: Int) -> String {
    let each = { (tokens: Int) in Int((Double(tokens) / Double(pictures)).rounded()) }
    let factor = (Double(counted) / Double(predicted) * 10).rounded() / 10
    return "\(endpoint): the first \(answers) answers all have the finding imageTokens: the server "
      + "counts \(each(counted)) tokens per picture, predicted \(each(predicted)) (\(factor) "
      + "times), so it resizes or drops pictures; \(remedy)"
  }
}
