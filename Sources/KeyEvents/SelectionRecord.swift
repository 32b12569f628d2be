import Encoders
import Foundation
import Records
import Video

/// The record of a selection, with its reasons: `<name>.selection.json`.
public struct SelectionRecord: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 2

  /// The objective of the selection.
  public struct Objective: Codable, Sendable, Equatable {
    /// The strategy's rule in words.
    public var formula: String
    /// The source of the rule.
    public var source: String
    /// The balance between relevance (0) and coverage (1) at which `value` is computed.
    public var spread: Double
    /// `SpreadObjective`'s value of the chosen set, for any strategy, so that strategies
    /// can be compared; absent if a chosen frame is unscored.
    public var value: Double?
  }

  /// All candidates: the relevance curve.
  public struct Candidates: Codable, Sendable, Equatable {
    /// The requested candidates per second; absent for scores from a file.
    public var perSecond: Double?
    /// The number of candidates without relevance.
    public var unscored: Int
    /// Their frame indices in the video; absent without a video.
    public var frameIndex: [Int]?
    /// Their presentation times in units of the video's time base; null for a frame
    /// without one. Absent without a video or without container times.
    public var pts: [Int64?]?
    public var timestampSeconds: [Double]
    /// The input of the strategy: the scorer's relevance, or visual change if the gate is
    /// closed.
    public var relevance: [Double?]
    /// The prompt behind each relevance; absent for scorers without prompts.
    public var prompt: [String?]?
    /// The looks that the scorer found (`CandidateLooks`); absent if it looks for no cuts.
    public var look: [Int]?
    /// How many candidates were encoded, found in the cache, or treated as unchanged;
    /// absent for scorers without an encoder.
    public var encoding: EncodingCounts?
  }

  public var format: Int
  /// The video; null for scores from a file.
  public var video: SelectionSource?
  /// The file of scores; absent for a video.
  public var scores: SelectionScores?
  public var strategy: SelectionStrategy
  /// The parameters that the strategy read, by name.
  public var parameters: [String: Double]
  public var objective: Objective
  /// The change-detection rule that cuts the curve into events.
  public var segmentation: String
  public var rolePlan: RolePlan
  /// Whether the prompts match the video; absent for scorers without prompts, and if
  /// there is no gate.
  public var gate: PromptGate?
  public var scorer: ScorerIdentity
  /// The wanted prompts; empty for a scorer without prompts.
  public var queries: [String]
  /// The requested number of frames.
  public var requestedFrames: Int
  public var frames: [SelectedFrame]
  public var events: [KeyEvent]
  public var candidates: Candidates
  /// Remarks for the user, one line each.
  public var notes: [String]

  /// Writes `video` even if it is null.
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
  /// - Throws: `RecordError` if there is none, or if it has a different format.
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

  /// The path of the video or of the file of scores.
  public var subject: String { video?.path ?? scores?.path ?? "selection" }

  /// The curve behind the selection, without embeddings.
  public var curve: RelevanceCurve {
    RelevanceCurve(
      timestamps: candidates.timestampSeconds, relevance: candidates.relevance,
      durationSeconds: video?.durationSeconds ?? scores?.durationSeconds ?? 0,
      looks: candidates.look ?? [])
  }
}

extension SelectionRecord.Candidates {
  private enum CodingKeys: String, CodingKey {
    case perSecond, unscored, frameIndex, pts, timestampSeconds, relevance, prompt, look, encoding
  }

  /// - Throws: `DecodingError`, also if the lists differ in length or times are not in
  ///   order.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    perSecond = try values.decodeIfPresent(Double.self, forKey: .perSecond)
    unscored = try values.decode(Int.self, forKey: .unscored)
    frameIndex = try values.decodeIfPresent([Int].self, forKey: .frameIndex)
    pts = try values.decodeIfPresent([Int64?].self, forKey: .pts)
    timestampSeconds = try values.decode([Double].self, forKey: .timestampSeconds)
    relevance = try values.decode([Double?].self, forKey: .relevance)
    prompt = try values.decodeIfPresent([String?].self, forKey: .prompt)
    look = try values.decodeIfPresent([Int].self, forKey: .look)
    encoding = try values.decodeIfPresent(EncodingCounts.self, forKey: .encoding)
    let counts = [relevance.count, frameIndex?.count, pts?.count, prompt?.count, look?.count]
      .compactMap { $0 }
    guard counts.allSatisfy({ $0 == timestampSeconds.count }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .relevance, in: values,
        debugDescription: "lists of \(timestampSeconds.count) and of "
          + counts.map(String.init).joined(separator: ", ") + " candidates")
    }
    if let look, zip(look, look.dropFirst()).contains(where: { $0 > $1 }) {
      throw DecodingError.dataCorruptedError(
        forKey: .look, in: values, debugDescription: "looks that do not ascend")
    }
    guard RelevanceCurve.areTimes(timestampSeconds) else {
      throw DecodingError.dataCorruptedError(
        forKey: .timestampSeconds, in: values, debugDescription: "times out of order")
    }
  }
}

extension SelectionRecord {
  /// The record of a selection.
  ///
  /// - Parameters:
  ///   - spread: the spread at which the objective's value was computed.
  ///   - frameIndices, pts, perSecond: those of the candidates; nil without a video.
  init(
    _ selection: CurveSelection, of curve: RelevanceCurve, spread: Double,
    video: SelectionSource? = nil, scores: SelectionScores? = nil, gate: PromptGate? = nil,
    scorer: ScorerIdentity, queries: [String] = [], notes: [String] = [],
    prompts: [String?] = [], perSecond: Double? = nil, frameIndices: [Int]? = nil,
    pts: [Int64?]? = nil, encoding: EncodingCounts? = nil
  ) {
    let hasPrompts = prompts.contains { $0 != nil }
    let hasTicks = pts?.contains { $0 != nil } ?? false
    self.init(
      format: Self.currentFormat, video: video, scores: scores, strategy: selection.strategy,
      parameters: selection.parameters,
      objective: Objective(
        formula: selection.strategy.formula, source: selection.strategy.source, spread: spread,
        value: selection.objectiveValue),
      segmentation: KeyEvent.segmentationRule, rolePlan: selection.rolePlan, gate: gate,
      scorer: scorer, queries: queries, requestedFrames: selection.requestedFrames,
      frames: zip(selection.chosen, selection.assignments).map { candidate, assignment in
        SelectedFrame(
          candidateIndex: candidate, frameIndex: frameIndices?[candidate],
          pts: hasTicks ? pts?[candidate] : nil,
          timestampSeconds: curve.timestamps[candidate], relevance: curve.relevance[candidate],
          role: assignment.role, event: assignment.event,
          prompt: hasPrompts ? prompts[candidate] : nil, reason: assignment.reason)
      },
      events: selection.events,
      candidates: Candidates(
        perSecond: perSecond, unscored: curve.unscored.count, frameIndex: frameIndices,
        pts: hasTicks ? pts : nil, timestampSeconds: curve.timestamps,
        relevance: curve.relevance, prompt: hasPrompts ? prompts : nil,
        look: curve.looks.isEmpty ? nil : curve.looks, encoding: encoding),
      notes: notes + selection.notes)
  }
}

/// One chosen frame of a selection record.
public struct SelectedFrame: Codable, Sendable, Equatable {
  /// The candidate's index, from 0 in time order.
  public var candidateIndex: Int
  /// The frame's index in the video, from 0 in display order; null without a video.
  public var frameIndex: Int?
  /// Its presentation time in units of the video's time base, if known.
  public var pts: Int64?
  /// Its presentation time.
  public var timestampSeconds: Double
  /// Its relevance in the curve behind the selection; null if unscored.
  public var relevance: Double?
  public var role: FrameRole
  /// The key event's number from 1; null for context.
  public var event: Int?
  /// The prompt behind its relevance; null for a scorer without prompts.
  public var prompt: String?
  /// The reason for the choice, in one line.
  public var reason: String
  /// The picture's file name beside the record; null until it is written.
  public var image: String?

  public init(
    candidateIndex: Int, frameIndex: Int?, pts: Int64? = nil, timestampSeconds: Double,
    relevance: Double?, role: FrameRole, event: Int?, prompt: String? = nil, reason: String,
    image: String? = nil
  ) {
    self.candidateIndex = candidateIndex
    self.frameIndex = frameIndex
    self.pts = pts
    self.timestampSeconds = timestampSeconds
    self.relevance = relevance
    self.role = role
    self.event = event
    self.prompt = prompt
    self.reason = reason
    self.image = image
  }

  /// Writes every key, with null for a missing value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(candidateIndex, forKey: .candidateIndex)
    try container.encode(frameIndex, forKey: .frameIndex)
    try container.encode(pts, forKey: .pts)
    try container.encode(timestampSeconds, forKey: .timestampSeconds)
    try container.encode(relevance, forKey: .relevance)
    try container.encode(role, forKey: .role)
    try container.encode(event, forKey: .event)
    try container.encode(prompt, forKey: .prompt)
    try container.encode(reason, forKey: .reason)
    try container.encode(image, forKey: .image)
  }
}

/// The video of a selection record.
public struct SelectionSource: Codable, Sendable, Equatable {
  public var path: String
  /// The start of the selected piece of the video. All times of the record count from
  /// there; frame indices and `pts` count from the file's start. Absent for a whole video.
  public var segmentStartSeconds: Double?
  /// `VideoFingerprint.hash`: equal to the hash in a workspace's ledger. Absent in records of
  /// earlier builds.
  public var contentHash: String?
  /// The rule of `contentHash` in words, `VideoFingerprint.hashRule`.
  public var contentHashRule: String?
  /// SHA-256 of all bytes of the file, in records of earlier builds only.
  public var sha256: String?
  /// The size as displayed, which is that of the pictures.
  public var width: Int
  public var height: Int
  /// The size as recorded, with the shape of its pixels; absent if they are square.
  public var coded: CodedShape?
  /// The pixel aspect and the mask that were given; absent for a video as recorded.
  public var view: VideoViewRecord?
  /// From the first frame to the end of the last one, by the index or by decoding. For a
  /// piece, its length.
  public var durationSeconds: Double
  /// The length of one tick of `pts` in seconds, as a fraction such as `1/12800`; absent
  /// without container times.
  public var timeBase: String?
  /// The container's claimed number of frames; absent without a claim.
  public var claimedFrameCount: Int?
  /// The number of shown frames by the packets; absent if the packets are not trustworthy
  /// and the video was decoded from start to end instead.
  public var indexedFrameCount: Int?
  /// The number of frames that decode; absent if only the wanted frames were decoded.
  public var decodableFrameCount: Int?
  /// The indices of wanted frames that did not decode.
  public var undecodableFrames: [Int]
  public var averageFrameRate: Double
  public var codec: String
  public var container: String
  /// The decoder's complaints.
  public var warnings: [String]
}

/// The file of scores of a selection record.
public struct SelectionScores: Codable, Sendable, Equatable {
  public var path: String
  /// SHA-256 of all bytes of the file.
  public var sha256: String
  public var durationSeconds: Double
  /// The file of the embeddings, if there is one.
  public var embeddings: String?
}
