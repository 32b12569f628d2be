/// How frames are chosen from a relevance curve.
public enum SelectionStrategy: String, Codable, Sendable, CaseIterable {
  /// Key Event Selection Strategy: the exact optimum of `SpreadObjective` over the sets
  /// that show the main event's stages.
  case kess
  /// The centres of k equal bins of the candidates. Ignores relevance.
  case uniform
  /// The most relevant candidate of each of k equal bins.
  case stratified
  /// The k most relevant candidates, the earlier of equals.
  case topk
  /// Adaptive Keyframe Sampling that divides its budget at each split.
  case aks
  /// Adaptive Keyframe Sampling as its program was published. It may give fewer frames.
  case aksCompat = "aks-compat"
  /// Inverse transform sampling of the sharpened curve.
  case bolt
  /// Greedy relevance and facility location.
  case facilityLocation = "facility-location"

  /// The strategy's rule or objective in words and symbols: r is the relevance scaled to
  /// [0, 1], N the number of candidates, k the number of frames.
  public var formula: String { rule.formula }

  /// The source of the rule.
  public var source: String { rule.source }

  /// Whether it compares the candidates' embeddings.
  public var needsEmbeddings: Bool { rule.needsEmbeddings }

  /// Whether it gives exactly min(k, N) frames. The published rule of `aksCompat` does
  /// not.
  public var alwaysGivesCount: Bool { self != .aksCompat }

  /// The parameters that the strategy reads, by name, with their values when `frames`
  /// are chosen from a curve. The selection record contains them.
  public func parametersRead(
    _ parameters: SelectionParameters, on curve: RelevanceCurve, frames: Int
  ) -> [String: Double] {
    rule.parameters(
      parameters, durationSeconds: curve.durationSeconds, count: min(frames, curve.count))
  }

  var rule: any SelectionRule {
    switch self {
    case .kess: KeyEventRule()
    case .uniform: UniformRule()
    case .stratified: StratifiedRule()
    case .topk: TopRelevanceRule()
    case .aks: AdaptiveSplitRule()
    case .aksCompat: PublishedSplitRule()
    case .bolt: InverseTransformRule()
    case .facilityLocation: FacilityLocationRule()
    }
  }
}

/// The parameters of all strategies; each strategy reads its own.
public struct SelectionParameters: Codable, Sendable, Equatable {
  /// `kess`: from 0 (the most relevant frames) to 1 (equal gaps).
  public var spread: Double
  public static let standardSpread = 0.25
  /// `bolt`: the exponent that sharpens the relevance, more than 0.
  public var power: Double
  /// `facility-location`: the weight of mean relevance, 0 or more.
  public var relevanceWeight: Double
  /// `facility-location`: the weight of coverage, 0 or more.
  public var coverageWeight: Double
  /// `facility-location`: the share of nearness in time in the similarity of two
  /// candidates, 0...1. The rest is visual similarity.
  public var timeWeight: Double
  /// `facility-location`: the number of seconds over which nearness in time falls to
  /// 1/e. nil means the duration divided by the number of frames.
  public var decaySeconds: Double?

  public init(
    spread: Double = SelectionParameters.standardSpread, power: Double = 3,
    relevanceWeight: Double = 0.5,
    coverageWeight: Double = 1, timeWeight: Double = 0.5, decaySeconds: Double? = nil
  ) {
    self.spread = spread
    self.power = power
    self.relevanceWeight = relevanceWeight
    self.coverageWeight = coverageWeight
    self.timeWeight = timeWeight
    self.decaySeconds = decaySeconds
  }

  /// - Throws: `KeySelectionError.badSetting` for the first parameter out of range.
  public func validate() throws {
    func check(_ name: String, _ value: Double, _ allowed: String, _ isAllowed: Bool) throws {
      // A non-finite number is in no range.
      guard isAllowed, value.isFinite else {
        throw KeySelectionError.badSetting(name: name, found: "\(value)", allowed: allowed)
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
