/// What KESS (Key Event Selection Strategy) maximises, and its exact optimum.
///
/// For k chosen frames with relevance r in [0, 1] in a video of duration D, with
/// gaps d_0 … d_k between the start, the chosen times and the end:
///
///     (1 - s) · mean(r)  -  s · (k + 1) · Σ (d_i / D)²
///
/// The second term is 1 for equal gaps and grows to k + 1 when all frames sit in
/// one place. `spread` s is the dial: 0 is the k most relevant frames, 1 equal
/// gaps. Among sets of equal value the earliest in lexicographic order wins.
public struct SpreadObjective: Sendable {
  /// The candidates' times as fractions of the duration.
  private let positions: [Double]
  /// The candidates' relevance in [0, 1].
  private let relevance: [Double]
  private let spread: Double

  /// - Precondition: as many relevances as timestamps, `spread` in 0...1.
  public init(
    timestamps: [Double], relevance: [Double], durationSeconds: Double, spread: Double
  ) {
    precondition(
      timestamps.count == relevance.count,
      "\(timestamps.count) timestamps and \(relevance.count) relevances")
    precondition((0...1).contains(spread), "a spread of \(spread) outside 0...1")
    let start = min(0, timestamps.first ?? 0)
    let duration = max(durationSeconds, timestamps.last ?? 0) - start
    positions = timestamps.map { duration > 0 ? ($0 - start) / duration : 0 }
    self.relevance = relevance
    self.spread = spread
  }

  /// The objective in words, for records and help.
  public static let formula =
    "(1-s)*mean(r) - s*(k+1)*sum((d_i/D)^2), r min-max to [0,1], s = spread, "
    + "d_0..d_k the gaps between the chosen times and both ends, D the duration"

  /// The objective's value for candidates `chosen` in ascending order.
  public func value(of chosen: [Int]) -> Double {
    guard !chosen.isEmpty else { return 0 }
    var gaps = 0.0
    var last = 0.0
    for index in chosen {
      gaps += (positions[index] - last) * (positions[index] - last)
      last = positions[index]
    }
    gaps += (1 - last) * (1 - last)
    let count = Double(chosen.count)
    let mean = chosen.reduce(0) { $0 + relevance[$1] } / count
    return (1 - spread) * mean - spread * (count + 1) * gaps
  }

  /// The best `count` candidates in time order, among the sets that hold one of
  /// each of `windows` (disjoint ranges of candidates in ascending order, at most
  /// `count`).
  ///
  /// A dynamic program from the last frame to the first: with m frames still to
  /// choose, the best continuation after candidate j is the greatest of
  /// `rest(i) - cost (x_i - x_j)²` over i > j. Those are lines in x_j, so a
  /// convex hull that only moves one way answers all j in O(N - k): O(k (N - k))
  /// time in all, less what `SpreadBands` leaves out. It keeps within `memoryBytes` by computing layers again: twice
  /// up to about N = 100,000 for any k, more beyond. Values that differ by less
  /// than the rounding error of their sums count as equal.
  ///
  /// - Parameter memoryBytes: for the program's tables; what it cannot do without,
  ///   some 50 bytes a candidate, comes on top.
  public func optimum(
    count: Int, windows: [ClosedRange<Int>] = [], memoryBytes: Int? = nil
  ) -> [Int] {
    let total = positions.count
    precondition(
      windows.count <= count && count <= total,
      "\(count) frames of \(total), \(windows.count) windows")
    precondition(
      zip(windows, windows.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
        && (windows.last?.upperBound ?? -1) < total,
      "windows that are not in order, overlap, or end after candidate \(total - 1)")
    guard count > 0 else { return [] }
    let rewards = relevance.map { (1 - spread) / Double(count) * $0 }
    let cost = spread * Double(count + 1)
    let bands = SpreadBands(
      positions: positions, rewards: rewards, cost: cost, count: count, windows: windows)
    let program = SpreadProgram(
      positions: positions, rewards: rewards, cost: cost, count: count, windows: windows,
      memoryBytes: memoryBytes ?? SpreadProgram.standardMemoryBytes, bands: bands.ofBest())
    return program.solve()
  }
}
