import Foundation
import Records
import Video

/// What a selection chose and why: `<name>.selection.json`.
public struct SelectionRecord: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 1

  /// One chosen frame.
  public struct Frame: Codable, Sendable, Equatable {
    /// Which candidate it is, from 0 in time order.
    public var candidateIndex: Int
    /// Which decoded frame of the video it is, from 0 in display order.
    public var frameIndex: Int
    /// Its presentation time.
    public var timestampSeconds: Double
    /// Its relevance as the scorer gave it; null where it was not scored.
    public var relevance: Double?
    public var role: FrameRole
    /// The key event's number from 1; null for context.
    public var event: Int?
    /// Why it was chosen, in one line.
    public var reason: String
    /// The picture's file name beside the record; null until it is written.
    public var image: String?

    public init(
      candidateIndex: Int, frameIndex: Int, timestampSeconds: Double, relevance: Double?,
      role: FrameRole, event: Int?, reason: String, image: String? = nil
    ) {
      self.candidateIndex = candidateIndex
      self.frameIndex = frameIndex
      self.timestampSeconds = timestampSeconds
      self.relevance = relevance
      self.role = role
      self.event = event
      self.reason = reason
      self.image = image
    }

    /// Writes every key, null where there is no value.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(candidateIndex, forKey: .candidateIndex)
      try container.encode(frameIndex, forKey: .frameIndex)
      try container.encode(timestampSeconds, forKey: .timestampSeconds)
      try container.encode(relevance, forKey: .relevance)
      try container.encode(role, forKey: .role)
      try container.encode(event, forKey: .event)
      try container.encode(reason, forKey: .reason)
      try container.encode(image, forKey: .image)
    }
  }

  /// What was maximised.
  public struct Objective: Codable, Sendable, Equatable {
    /// The objective in words.
    public var formula: String
    /// The dial between relevance (0) and coverage (1).
    public var spread: Double
    /// `SpreadObjective`'s value for the chosen set, whatever the strategy, so
    /// that strategies can be compared; absent where a chosen frame is unscored.
    public var value: Double?
  }

  /// The video that was selected from.
  public struct Source: Codable, Sendable, Equatable {
    public var path: String
    public var width: Int
    public var height: Int
    /// From the first to the end of the last frame that decodes.
    public var durationSeconds: Double
    /// Frames that decode.
    public var frameCount: Int
    /// Frames that the container claims to hold; absent where it does not say.
    public var claimedFrameCount: Int?
    public var averageFrameRate: Double
    public var codec: String
    public var container: String
    /// What the decoder complained about.
    public var warnings: [String]
  }

  /// All candidates: the relevance curve.
  public struct Candidates: Codable, Sendable, Equatable {
    /// How many a second were asked for.
    public var perSecond: Double
    /// How many have no relevance.
    public var unscored: Int
    public var frameIndex: [Int]
    public var timestampSeconds: [Double]
    public var relevance: [Double?]
  }

  public var format: Int
  public var video: Source
  public var strategy: SelectionStrategy
  public var objective: Objective
  public var scorer: ScorerIdentity
  /// The prompts that frames were compared with; empty for a scorer without.
  public var queries: [String]
  /// How many frames were asked for.
  public var requestedFrames: Int
  public var frames: [Frame]
  public var events: [KeyEvent]
  public var candidates: Candidates

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

  /// The curve that the record was selected from.
  public var curve: RelevanceCurve {
    RelevanceCurve(
      timestamps: candidates.timestampSeconds, relevance: candidates.relevance,
      durationSeconds: video.durationSeconds)
  }
}
