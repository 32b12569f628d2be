/// One chosen frame of a selection record.
public struct SelectedFrame: Codable, Sendable, Equatable {
  /// Which candidate it is, from 0 in time order.
  public var candidateIndex: Int
  /// Which frame of the video it is, from 0 in display order; null where there is
  /// no video.
  public var frameIndex: Int?
  /// Its presentation time in units of the video's time base, where there is one.
  public var pts: Int64?
  /// Its presentation time.
  public var timestampSeconds: Double
  /// Its relevance as in the curve that was selected from; null where it was not
  /// scored.
  public var relevance: Double?
  public var role: FrameRole
  /// The key event's number from 1; null for context.
  public var event: Int?
  /// The prompt that its relevance comes from; null for a scorer without.
  public var prompt: String?
  /// Why it was chosen, in one line.
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

  /// Writes every key, null where there is no value.
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
