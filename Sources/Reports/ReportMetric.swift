/// One metric of one variant of the detector, with a value for each seed.
/// Metrics of the same name are drawn together on one axis.
public struct ReportMetric: Codable, Sendable, Equatable {
  /// What was measured, such as "Frame AUC".
  public var name: String
  /// Which detector, such as "with descriptions".
  public var variant: String
  /// The value of each seed's run, in seed order, 0...1; at least one.
  public var values: [Double]
  /// What a detector that knows nothing scores: 0.5 for AUC, the share of
  /// positive frames for AP.
  public var chance: Double?

  public init(name: String, variant: String, values: [Double], chance: Double? = nil) {
    self.name = name
    self.variant = variant
    self.values = values
    self.chance = chance
  }

  /// The mean over the seeds.
  public var mean: Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }

  /// The sample standard deviation over the seeds (divisor n - 1); nil for a
  /// single seed.
  public var standardDeviation: Double? {
    guard values.count > 1 else { return nil }
    let mean = mean
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / Double(values.count - 1)).squareRoot()
  }
}
