import Tensors

/// A measure of a selection.
public enum SelectionMetric: String, Codable, Sendable, CaseIterable {
  /// The share of annotated intervals that contain a chosen frame.
  case eventRecall
  /// The share of annotated intervals with a chosen frame in the window of
  /// `AnnotatedPhases` with this name.
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

/// The values of the measures: pure functions of times or vectors.
public enum SelectionMetrics {
  /// The mean over chosen frames of the distance to the nearest other one, as a
  /// share of the duration; nil for fewer than two frames or no duration.
  ///
  /// k equally spaced frames reach about 1/k.
  public static func nearestSpacing(of seconds: [Double], durationSeconds: Double) -> Double? {
    guard seconds.count > 1, durationSeconds > 0 else { return nil }
    let times = seconds.sorted()
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    let nearest = times.indices.map { place in
      min(place > 0 ? gaps[place - 1] : .infinity, place < gaps.count ? gaps[place] : .infinity)
    }
    return nearest.reduce(0, +) / Double(times.count) / durationSeconds
  }

  /// The mean over chosen frames of the greatest cosine with another chosen frame;
  /// nil for fewer than two frames.
  ///
  /// - Parameter vectors: one per chosen frame, all of one width, of any norm. A zero
  ///   vector has cosine 0 with every other vector.
  public static func visualRedundancy(of vectors: [[Float]]) -> Double? {
    guard vectors.count > 1 else { return nil }
    let units = vectors.map { VectorMath.doubleUnit($0) ?? $0.map { _ in 0 } }
    let greatest = units.indices.map { place in
      units.indices.filter { $0 != place }.map { VectorMath.dot(units[place], units[$0]) }.max()
        ?? 0
    }
    return greatest.reduce(0, +) / Double(greatest.count)
  }

  /// The share of intervals that contain at least one chosen time; nil without intervals.
  ///
  /// - Parameter intervals: half-open, in seconds.
  public static func recall(of intervals: [Range<Double>], by seconds: [Double]) -> Double? {
    guard !intervals.isEmpty else { return nil }
    let found = intervals.count { interval in seconds.contains { interval.contains($0) } }
    return Double(found) / Double(intervals.count)
  }
}
