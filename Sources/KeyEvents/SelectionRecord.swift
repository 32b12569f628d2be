import Encoders
import Foundation
import Records

/// What a selection chose and why: `<name>.selection.json`.
public struct SelectionRecord: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 2

  /// What was maximised.
  public struct Objective: Codable, Sendable, Equatable {
    /// The strategy's rule in words.
    public var formula: String
    /// Where the rule comes from.
    public var source: String
    /// The dial between relevance (0) and coverage (1) with which `value` is taken.
    public var spread: Double
    /// `SpreadObjective`'s value for the chosen set, whatever the strategy, so
    /// that strategies can be compared; absent where a chosen frame is unscored.
    public var value: Double?
  }

  /// All candidates: the relevance curve.
  public struct Candidates: Codable, Sendable, Equatable {
    /// How many a second were asked for; absent where scores came from a file.
    public var perSecond: Double?
    /// How many have no relevance.
    public var unscored: Int
    /// Which frames of the video they are; absent where there is no video.
    public var frameIndex: [Int]?
    /// Their presentation times in units of the video's time base; null for a frame
    /// that has none. Absent where there is no video or no container time.
    public var pts: [Int64?]?
    public var timestampSeconds: [Double]
    /// What was selected from: relevance as the scorer gave it, or visual change
    /// where the gate is closed.
    public var relevance: [Double?]
    /// The prompt that each relevance comes from; absent for scorers without.
    public var prompt: [String?]?
    /// How many candidates were encoded, found in the cache, or taken for unchanged;
    /// absent for scorers that encode nothing.
    public var encoding: EncodingCounts?
  }

  public var format: Int
  /// The video that was selected from; null where scores came from a file.
  public var video: SelectionSource?
  /// The file of scores that was selected from; absent for a video.
  public var scores: SelectionScores?
  public var strategy: SelectionStrategy
  /// What the strategy read of its parameters, by name.
  public var parameters: [String: Double]
  public var objective: Objective
  /// The change-detection rule that cuts the curve into events.
  public var segmentation: String
  public var rolePlan: RolePlan
  /// Whether the prompts match the video; absent for scorers without prompts, and
  /// without a gate.
  public var gate: PromptGate?
  public var scorer: ScorerIdentity
  /// The prompts that were looked for; empty for a scorer without.
  public var queries: [String]
  /// How many frames were asked for.
  public var requestedFrames: Int
  public var frames: [SelectedFrame]
  public var events: [KeyEvent]
  public var candidates: Candidates
  /// What the user should know, one line each.
  public var notes: [String]

  /// Writes `video` even where there is none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(format, forKey: .format)
    try container.encode(video, forKey: .video)
    try container.encodeIfPresent(scores, forKey: .scores)
    try container.encode(strategy, forKey: .strategy)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(objective, forKey: .objective)
    try container.encode(segmentation, forKey: .segmentation)
    try container.encode(rolePlan, forKey: .rolePlan)
    try container.encodeIfPresent(gate, forKey: .gate)
    try container.encode(scorer, forKey: .scorer)
    try container.encode(queries, forKey: .queries)
    try container.encode(requestedFrames, forKey: .requestedFrames)
    try container.encode(frames, forKey: .frames)
    try container.encode(events, forKey: .events)
    try container.encode(candidates, forKey: .candidates)
    try container.encode(notes, forKey: .notes)
  }

  /// Reads a record.
  ///
  /// - Throws: `RecordError` where there is none, or it is of another format.
  public static func read(from url: URL) throws -> SelectionRecord {
    struct Header: Decodable { var format: Int }
    let found = try JSONRecord.read(Header.self, from: url).format
    guard found == currentFormat else {
      throw RecordError.wrongFormat(
        path: url.path, found: "selection format \(found)",
        expected: "format \(currentFormat); select again")
    }
    return try JSONRecord.read(SelectionRecord.self, from: url)
  }

  /// The path of the video, or of the file of scores.
  public var subject: String { video?.path ?? scores?.path ?? "selection" }

  /// The curve that the record was selected from, without embeddings.
  public var curve: RelevanceCurve {
    RelevanceCurve(
      timestamps: candidates.timestampSeconds, relevance: candidates.relevance,
      durationSeconds: video?.durationSeconds ?? scores?.durationSeconds ?? 0)
  }
}

extension SelectionRecord.Candidates {
  private enum CodingKeys: String, CodingKey {
    case perSecond, unscored, frameIndex, pts, timestampSeconds, relevance, prompt, encoding
  }

  /// - Throws: `DecodingError` also where the lists are not of one length, or times
  ///   are not in order.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    perSecond = try values.decodeIfPresent(Double.self, forKey: .perSecond)
    unscored = try values.decode(Int.self, forKey: .unscored)
    frameIndex = try values.decodeIfPresent([Int].self, forKey: .frameIndex)
    pts = try values.decodeIfPresent([Int64?].self, forKey: .pts)
    timestampSeconds = try values.decode([Double].self, forKey: .timestampSeconds)
    relevance = try values.decode([Double?].self, forKey: .relevance)
    prompt = try values.decodeIfPresent([String?].self, forKey: .prompt)
    encoding = try values.decodeIfPresent(EncodingCounts.self, forKey: .encoding)
    let counts = [relevance.count, frameIndex?.count, pts?.count, prompt?.count].compactMap { $0 }
    guard counts.allSatisfy({ $0 == timestampSeconds.count }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .relevance, in: values,
        debugDescription: "lists of \(timestampSeconds.count) and of "
          + counts.map(String.init).joined(separator: ", ") + " candidates")
    }
    guard RelevanceCurve.areTimes(timestampSeconds) else {
      throw DecodingError.dataCorruptedError(
        forKey: .timestampSeconds, in: values, debugDescription: "times out of order")
    }
  }
}
