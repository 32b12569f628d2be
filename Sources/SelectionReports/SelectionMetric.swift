/// What a selection is measured by.
public enum SelectionMetric: String, Codable, Sendable, CaseIterable {
  /// The share of annotated intervals that hold a chosen frame.
  case eventRecall
  /// The share of annotated intervals with a chosen frame in the onset window of
  /// `AnnotatedPhases`; likewise the next two.
  case onset, peak, aftermath
  /// See `SelectionMetrics.nearestSpacing`.
  case nearestSpacing
  /// See `SelectionMetrics.visualRedundancy`.
  case visualRedundancy

  /// The name in tables and in CSV files.
  public var title: String {
    switch self {
    case .eventRecall: "recall"
    case .onset, .peak, .aftermath: rawValue
    case .nearestSpacing: "spacing"
    case .visualRedundancy: "redundancy"
    }
  }
}
