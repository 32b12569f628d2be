/// How frames are chosen from a relevance curve.
public enum SelectionStrategy: String, Codable, Sendable, CaseIterable {
  /// Key Event Selection Strategy: the exact optimum of `SpreadObjective` among the
  /// sets that show the main event's stages.
  case kess
  /// The centres of k equal bins of the candidates; relevance is not looked at.
  case uniform
  /// The k most relevant candidates, the earlier of equals.
  case topk
  /// Adaptive Keyframe Sampling with its budget passed down the split.
  case aks
  /// Adaptive Keyframe Sampling as its program was published: may give fewer frames.
  case aksCompat = "aks-compat"
  /// Inverse transform sampling of the sharpened curve.
  case bolt
  /// Greedy relevance and facility location.
  case facilityLocation = "facility-location"

  /// What the strategy does or maximises, in words and symbols: r is the relevance
  /// brought to [0, 1], N the candidates, k the frames.
  public var formula: String { rule.formula }

  /// Where the rule comes from.
  public var source: String { rule.source }

  /// Whether it looks at what the candidates look like.
  public var needsEmbeddings: Bool { rule.needsEmbeddings }

  /// Whether it gives exactly min(k, N) frames; the published rule of `aksCompat`
  /// does not.
  public var alwaysGivesCount: Bool { self != .aksCompat }

  /// Which parameters the strategy reads, by name, and the values they have when
  /// `frames` are chosen from a curve: what its record says of them.
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
    case .topk: TopRelevanceRule()
    case .aks: AdaptiveSplitRule()
    case .aksCompat: PublishedSplitRule()
    case .bolt: InverseTransformRule()
    case .facilityLocation: FacilityLocationRule()
    }
  }
}
