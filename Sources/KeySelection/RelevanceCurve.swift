/// The input of a selection strategy: candidate frames in time order with their
/// relevance. Selecting from it needs no video.
public struct RelevanceCurve: Sendable, Equatable {
  /// The candidates' times in seconds, ascending.
  public let timestamps: [Double]
  /// One relevance per candidate, on any scale; nil for an unscored candidate. A
  /// non-finite relevance counts as unscored.
  public let relevance: [Double?]
  /// The video's length in seconds, at least the last timestamp.
  public let durationSeconds: Double
  /// One visual embedding per candidate, nil for a candidate without one; empty if no
  /// candidate has one.
  public let embeddings: [[Float]?]
  /// The look of each candidate (`CandidateLooks`), ascending; empty if it is not known. Then
  /// the embeddings give it.
  public let looks: [Int]

  /// - Precondition: timestamps ascend, and there are as many relevances as timestamps,
  ///   and as many embeddings or none.
  public init(
    timestamps: [Double], relevance: [Double?], durationSeconds: Double,
    embeddings: [[Float]?] = [], looks: [Int] = []
  ) {
    precondition(
      embeddings.isEmpty || embeddings.count == timestamps.count,
      "\(timestamps.count) timestamps and \(embeddings.count) embeddings")
    precondition(
      timestamps.count == relevance.count,
      "\(timestamps.count) timestamps and \(relevance.count) relevances")
    precondition(
      looks.isEmpty || looks.count == timestamps.count,
      "\(timestamps.count) timestamps and \(looks.count) looks")
    precondition(
      zip(looks, looks.dropFirst()).allSatisfy { $0 <= $1 }, "looks that do not ascend")
    precondition(Self.areTimes(timestamps), "timestamps that are not in time order")
    self.timestamps = timestamps
    self.relevance = relevance.map { value in value.flatMap { $0.isFinite ? $0 : nil } }
    self.durationSeconds = max(durationSeconds, timestamps.last ?? 0)
    self.embeddings = embeddings
    self.looks = looks
  }

  /// Whether the numbers can be a curve's times: finite and ascending.
  public static func areTimes(_ seconds: [Double]) -> Bool {
    seconds.allSatisfy(\.isFinite)
      && zip(seconds, seconds.dropFirst()).allSatisfy { $0 <= $1 }
  }

  /// The number of candidates.
  public var count: Int { timestamps.count }

  /// The look of each candidate: the known ones, or those that the embeddings show; all 0
  /// without either.
  public func lookNumbers() -> [Int] {
    if !looks.isEmpty { return looks }
    return hasEmbeddings
      ? CandidateLooks.numbers(of: embeddings) : [Int](repeating: 0, count: count)
  }

  /// Whether any candidate has an embedding.
  public var hasEmbeddings: Bool { embeddings.contains { $0 != nil } }

  /// The candidates with a relevance.
  public var scored: [Int] { relevance.indices.filter { relevance[$0] != nil } }

  /// The candidates without a relevance.
  public var unscored: [Int] { relevance.indices.filter { relevance[$0] == nil } }

  /// The relevance scaled from its range to [0, 1]; all 0 for a flat curve, nil for an
  /// unscored candidate.
  public func normalised() -> [Double?] {
    let known = relevance.compactMap { $0 }
    guard let least = known.min(), let greatest = known.max() else { return relevance }
    let range = greatest - least
    // Halves keep the difference of two huge values finite.
    let isFlat = greatest / 2 - least / 2 <= 0
    return relevance.map { value in
      value.map { value in
        if isFlat { return 0 }
        return range.isFinite
          ? (value - least) / range : (value / 2 - least / 2) / (greatest / 2 - least / 2)
      }
    }
  }
}
