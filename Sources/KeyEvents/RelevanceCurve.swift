/// What a selection strategy works on: candidate frames in time order, each with
/// its relevance where it was scored. No video is needed to select from it.
public struct RelevanceCurve: Sendable, Equatable {
  /// The candidates' times in seconds, ascending.
  public let timestamps: [Double]
  /// One relevance a candidate, on any scale; nil where the candidate was not
  /// scored (a relevance that is not finite counts as that).
  public let relevance: [Double?]
  /// The video's length in seconds, at least the last timestamp.
  public let durationSeconds: Double
  /// What the candidates look like, one vector each, nil where there is none;
  /// empty where nothing is known of any.
  public let embeddings: [[Float]?]

  /// - Precondition: as many relevances as timestamps, timestamps ascending, and
  ///   no embeddings or as many.
  public init(
    timestamps: [Double], relevance: [Double?], durationSeconds: Double,
    embeddings: [[Float]?] = []
  ) {
    precondition(
      embeddings.isEmpty || embeddings.count == timestamps.count,
      "\(timestamps.count) timestamps and \(embeddings.count) embeddings")
    precondition(
      timestamps.count == relevance.count,
      "\(timestamps.count) timestamps and \(relevance.count) relevances")
    precondition(Self.areTimes(timestamps), "timestamps that are not in time order")
    self.timestamps = timestamps
    self.relevance = relevance.map { value in value.flatMap { $0.isFinite ? $0 : nil } }
    self.durationSeconds = max(durationSeconds, timestamps.last ?? 0)
    self.embeddings = embeddings
  }

  /// Whether numbers are times of a curve: finite and ascending.
  public static func areTimes(_ seconds: [Double]) -> Bool {
    seconds.allSatisfy(\.isFinite)
      && zip(seconds, seconds.dropFirst()).allSatisfy { $0 <= $1 }
  }

  /// The number of candidates.
  public var count: Int { timestamps.count }

  /// Whether any candidate has an embedding.
  public var hasEmbeddings: Bool { embeddings.contains { $0 != nil } }

  /// The candidates that have a relevance.
  public var scored: [Int] { relevance.indices.filter { relevance[$0] != nil } }

  /// The candidates that have none.
  public var unscored: [Int] { relevance.indices.filter { relevance[$0] == nil } }

  /// The relevance brought to [0, 1] between its least and its greatest value;
  /// all 0 where the curve is flat, nil where a candidate is unscored.
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
