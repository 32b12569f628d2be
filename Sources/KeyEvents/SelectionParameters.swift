/// The dials of all strategies; each strategy reads its own.
public struct SelectionParameters: Codable, Sendable, Equatable {
  /// `kess`: from 0, the most relevant frames, to 1, equal gaps.
  public var spread: Double
  /// `bolt`: the exponent that sharpens the relevance, more than 0.
  public var power: Double
  /// `facility-location`: the weight of mean relevance, 0 or more.
  public var relevanceWeight: Double
  /// `facility-location`: the weight of coverage, 0 or more.
  public var coverageWeight: Double
  /// `facility-location`: how much of a likeness is nearness in time, 0...1; the rest
  /// is looks.
  public var timeWeight: Double
  /// `facility-location`: over how many seconds nearness in time falls to 1/e; the
  /// duration divided by the number of frames where nil.
  public var decaySeconds: Double?

  public init(
    spread: Double = 0.5, power: Double = 3, relevanceWeight: Double = 0.5,
    coverageWeight: Double = 1, timeWeight: Double = 0.5, decaySeconds: Double? = nil
  ) {
    self.spread = spread
    self.power = power
    self.relevanceWeight = relevanceWeight
    self.coverageWeight = coverageWeight
    self.timeWeight = timeWeight
    self.decaySeconds = decaySeconds
  }

  /// - Throws: `KeyEventError.badSetting` for the first one that is out of range.
  public func validate() throws {
    func check(_ name: String, _ value: Double, _ allowed: String, _ isAllowed: Bool) throws {
      // A number that is not finite is in no range.
      guard isAllowed, value.isFinite else {
        throw KeyEventError.badSetting(name: name, found: "\(value)", allowed: allowed)
      }
    }
    try check("spread", spread, "0 to 1", (0...1).contains(spread))
    try check("power", power, "more than 0", power > 0)
    try check("relevance-weight", relevanceWeight, "0 or more", relevanceWeight >= 0)
    try check("coverage-weight", coverageWeight, "0 or more", coverageWeight >= 0)
    try check("time-weight", timeWeight, "0 to 1", (0...1).contains(timeWeight))
    if let decaySeconds { try check("decay", decaySeconds, "more than 0 s", decaySeconds > 0) }
  }
}
