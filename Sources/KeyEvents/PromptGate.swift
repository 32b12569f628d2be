/// Whether the prompts match the video at all.
///
/// A frame's margin is its greatest cosine with a wanted prompt less its greatest
/// with what nothing is looked for with: the unwanted prompts (normality), or, for
/// free queries, the neutral ones. Where not one candidate's margin reaches the
/// threshold, the curve says nothing of what was looked for, and coverage of visual
/// change takes its place. Scorers without prompts have no margins and no gate.
public struct PromptGate: Codable, Sendable, Equatable {
  /// The rule in words, for records and help.
  public static let rule =
    "the prompts match where some candidate's greatest cosine with a wanted prompt exceeds its "
    + "greatest with the prompts of normality (for --query: with the neutral ones) by the gate; "
    + "otherwise visual change, 1 - cosine with the candidate before, takes relevance's place"

  /// The least margin that counts as a match.
  public var threshold: Double
  /// The greatest margin of a candidate; null where none is scored.
  public var greatestMargin: Double?
  /// Whether the prompts match.
  public var isOpen: Bool
  /// The relevance by the prompts, where they do not match.
  public var promptRelevance: [Double?]?

  /// Judges the candidates of a video; nil where none has a margin.
  public init?(threshold: Double, candidates: [CandidateRelevance]) {
    let margins = candidates.compactMap(\.margin)
    guard let greatest = margins.max() else { return nil }
    self.threshold = threshold
    greatestMargin = greatest
    isOpen = greatest >= threshold
    promptRelevance = isOpen ? nil : candidates.map(\.value)
  }
}
