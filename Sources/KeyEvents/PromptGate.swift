import Tensors

/// Whether the prompts match the video at all.
///
/// A frame's margin is its greatest cosine with a wanted prompt, less its greatest cosine
/// with an unwanted prompt (normality), or, for free queries, with a neutral prompt. If no
/// candidate's margin reaches the threshold, the curve does not show the wanted content,
/// and coverage of visual change replaces it. Scorers without prompts have no margins and
/// no gate.
public struct PromptGate: Codable, Sendable, Equatable {
  /// The rule in words, for records and help.
  public static let rule =
    "the prompts match where some candidate's greatest cosine with a wanted prompt exceeds its "
    + "greatest with the prompts of normality (for --query: with the neutral ones) by the gate; "
    + "otherwise visual change, 1 - cosine with the candidate before, takes relevance's place"

  /// The least margin that counts as a match.
  public var threshold: Double
  /// The greatest margin of a candidate; null if none is scored.
  public var greatestMargin: Double?
  /// Whether the prompts match.
  public var isOpen: Bool
  /// The relevance by the prompts, if they do not match.
  public var promptRelevance: [Double?]?

  /// Compares the candidates of a video with the threshold; nil if none has a margin.
  public init?(threshold: Double, candidates: [CandidateRelevance]) {
    let margins = candidates.compactMap(\.margin)
    guard let greatest = margins.max() else { return nil }
    self.threshold = threshold
    greatestMargin = greatest
    isOpen = greatest >= threshold
    promptRelevance = isOpen ? nil : candidates.map(\.value)
  }
}

/// The difference of each candidate from the candidate before, by their embeddings.
enum VisualChange {
  /// 1 - cosine with the nearest earlier candidate that has an embedding. The first
  /// candidate has the value of its successor. nil for a candidate without embedding, and
  /// if one of the two embeddings is zero or non-finite.
  static func curve(of embeddings: [[Float]?]) -> [Double?] {
    var last: [Float]?
    var changes: [Double?] = embeddings.map { embedding in
      guard let embedding else { return nil }
      defer { last = embedding }
      return last.flatMap { VectorMath.cosine($0, embedding) }.map { 1 - $0 }
    }
    if let first = embeddings.firstIndex(where: { $0 != nil }) {
      changes[first] = changes.lazy.compactMap { $0 }.first ?? 0
    }
    return changes
  }
}
