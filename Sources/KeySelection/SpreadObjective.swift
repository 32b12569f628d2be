/// The objective of KESS (Key Event Selection Strategy), and its exact optimum.
///
/// For k chosen frames with relevance r in [0, 1] in a video of duration D, with
/// gaps d_0 … d_k between the start, the chosen times and the end, of which p frames
/// repeat the look of the chosen frame before them:
///
///     (1 - s) · (mean(r) - p / 2k)  -  s · (k + 1) · Σ (d_i / D)²
///
/// Looks are runs of candidates that show one scene (`CandidateLooks`). A video of one
/// look has p = 0. With several, r is half the candidate's relevance and half the mean of
/// its look, scaled to [0, 1] again. The last term is 1 for equal gaps and grows to k + 1 when all frames share one
/// place. `spread` s sets the balance: 0 gives the k most relevant frames, 1 gives
/// equal gaps. Among sets of equal value the first in lexicographic order wins.
///
/// ## How the optimum is found
///
/// Let x_i be candidate i's time as a fraction of D, w_i = (1 - s) r_i / k its reward,
/// and c = s (k + 1) the cost of a gap of the whole duration.
///
/// 1. *Recursion.* F_m(j) is the greatest total of candidate j and of m - 1 frames
///    after it, up to the end of the video:
///
///        F_1(j) = w_j - c (1 - x_j)²
///        F_m(j) = w_j + max over i > j of (F_{m-1}(i) - c (x_i - x_j)²)
///
///    The optimum is the greatest F_k(j) - c x_j² (`SpreadProgram`).
/// 2. *Lines.* F(i) - c (x_i - x_j)² = -c x_j² + (F(i) - c x_i² + 2 c x_i x_j). The
///    bracket is a line in x_j, so the maximum over i is an upper hull of lines. As j
///    falls, the hull receives lines of falling slope and answers at falling x_j: both
///    take constant time on average (`FollowerHull`).
/// 3. *Looks.* A follower of the same look costs (1 - s) / 2k more. One hull holds all
///    followers and another those of later looks, which a candidate enters when the loop
///    leaves its look. The best follower is the better of the later looks' best and of the
///    best of all less that cost: where both are of a later look, the first is greater.
/// 4. *Windows.* A window must contain a chosen frame. A candidate before a window may
///    therefore not be followed by one after it, and the hull starts again at each window.
/// 5. *Bands.* An upper bound leaves out the candidates that cannot be the m-th frame
///    of a best set (`SpreadBands`).
/// 6. *Memory.* The followers of all layers do not fit for long videos. Layers are
///    then computed again instead of kept (`SpreadProgram.trace`).
///
/// O(k (N - k)) time for N candidates, less what the bands leave out.
///
/// Source: the objective is this project's. Recursion over a hull of lines: P. Brucker,
/// "Efficient algorithms for some path partitioning problems", Discrete Applied
/// Mathematics 62 (1995). Computing layers again to save memory: D. S. Hirschberg, "A
/// linear space algorithm for computing maximal common subsequences", CACM 18 (1975).
public struct SpreadObjective: Sendable {
  /// The candidates' times as fractions of the duration.
  private let positions: [Double]
  /// The candidates' relevance in [0, 1].
  private let relevance: [Double]
  private let spread: Double
  /// The candidates' looks, ascending; empty for one look.
  private let looks: [Int]

  /// - Parameter looks: the look of each candidate, ascending (`CandidateLooks`); empty if all
  ///   have one look.
  /// - Precondition: as many relevances as timestamps, and as many looks or none; `spread` in
  ///   0...1.
  public init(
    timestamps: [Double], relevance: [Double], durationSeconds: Double, spread: Double,
    looks: [Int] = []
  ) {
    precondition(
      timestamps.count == relevance.count,
      "\(timestamps.count) timestamps and \(relevance.count) relevances")
    precondition(
      looks.isEmpty || looks.count == timestamps.count,
      "\(timestamps.count) timestamps and \(looks.count) looks")
    precondition((0...1).contains(spread), "a spread of \(spread) outside 0...1")
    let start = min(0, timestamps.first ?? 0)
    let duration = max(durationSeconds, timestamps.last ?? 0) - start
    positions = timestamps.map { duration > 0 ? ($0 - start) / duration : 0 }
    // At the end of the dial, relevance alone counts.
    let counted = spread == 0 || looks.first == looks.last ? [] : looks
    self.looks = counted
    self.relevance = CandidateLooks.blended(relevance, looks: counted)
    self.spread = spread
  }

  /// The objective in words, for records and help.
  public static let formula =
    "(1-s)*(mean(r) - p/(2k)) - s*(k+1)*sum((d_i/D)^2), r min-max to [0,1] and, with several "
    + "looks, half the mean of its look; s = spread, p = frames that repeat the look of the frame "
    + "before, 0 with one look; d_0..d_k the gaps between the chosen times and both ends, D the "
    + "duration"

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
    return (1 - spread) * mean - repeatCost(of: chosen.count) * Double(repeats(in: chosen))
      - spread * (count + 1) * gaps
  }

  /// The number of chosen candidates with the look of the chosen one before them.
  private func repeats(in chosen: [Int]) -> Int {
    looks.isEmpty ? 0 : zip(chosen, chosen.dropFirst()).count { looks[$0] == looks[$1] }
  }

  private func repeatCost(of count: Int) -> Double {
    looks.isEmpty ? 0 : (1 - spread) / (2 * Double(count))
  }

  /// The best `count` candidates in time order, among the sets that contain a
  /// candidate of every window. Values that differ by less than the rounding error of
  /// their sums count as equal.
  ///
  /// - Parameters:
  ///   - windows: disjoint ranges of candidates in ascending order, at most `count`.
  ///   - memoryBytes: the limit for the program's tables, on top of some 50 bytes per
  ///     candidate that it always needs. It computes layers again to stay within the
  ///     limit: twice up to about 100,000 candidates for any `count`, more often
  ///     beyond.
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
    let terms = LookTerms(numbers: looks, repeatCost: repeatCost(of: count))
    let bands = SpreadBands(
      positions: positions, rewards: rewards, cost: cost, count: count, windows: windows,
      looks: terms)
    let program = SpreadProgram(
      positions: positions, rewards: rewards, cost: cost, count: count, windows: windows,
      memoryBytes: memoryBytes ?? SpreadProgram.standardMemoryBytes, bands: bands.ofBest(),
      looks: terms)
    return program.solve()
  }
}

/// The candidates that each layer of `SpreadProgram` must consider.
///
/// Let candidate i be the m-th chosen from the end, at position p. Then m gaps share
/// 1 - p, and k + 1 - m gaps share p. Squares of gaps are least when gaps are equal, so
/// no such set is worth more than
///
///     R - c ((1 - p)² / m + p² / (k + 1 - m)),
///
/// where R is the sum of the k greatest rewards. If that is less than the total of a
/// known set, i is not the m-th from the end of a best set. The known set is the best
/// one of a few thousand candidates: the most rewarding of each of as many bins.
struct SpreadBands {
  let positions: [Double]
  let rewards: [Double]
  let cost: Double
  let count: Int
  let windows: [ClosedRange<Int>]
  var looks = LookTerms.none

  /// The number of bins for the known set: at least this many, and so many per chosen
  /// frame.
  private static let leastBins = 2_048
  private static let binsPerChosen = 8

  /// For layers 1 to `count`: every candidate with enough others on both sides.
  func all() -> [ClosedRange<Int>] {
    (1...count).map { (count - $0)...(positions.count - $0) }
  }

  /// For layers 1 to `count`: the candidates that can be in a best set.
  func ofBest() -> [ClosedRange<Int>] {
    let bins = max(Self.leastBins, Self.binsPerChosen * count)
    guard cost > 0, positions.count >= 4 * bins else { return all() }
    let known = total(of: bestOfThinned(bins: bins))
    // Rounding must not exclude a candidate of an equally good set.
    let slack =
      greatestRewardSum() - looks.leastCost(of: count) - cost / Double(count + 1) - known + 1e-9
      * (1 + cost)
    return all().enumerated().map { place, range in
      let (after, before) = (Double(place + 1), Double(count - place))
      let middle = before / (before + after)
      let reach = (max(0, slack) * before * after / (cost * (before + after))).squareRoot()
      let low = max(range.lowerBound, firstIndex(from: middle - reach))
      let high = min(range.upperBound, firstIndex(from: middle + reach) - 1)
      return low <= high ? low...high : range
    }
  }

  /// A set's rewards less the cost of its gaps.
  private func total(of chosen: [Int]) -> Double {
    let ends = [0] + chosen.map { positions[$0] } + [1]
    return chosen.reduce(0) { $0 + rewards[$1] } - looks.cost(of: chosen)
      - cost * zip(ends, ends.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
  }

  /// The best set of the most rewarding candidates of each bin and of each window.
  private func bestOfThinned(bins: Int) -> [Int] {
    func best(_ range: Range<Int>) -> Int {
      var place = range.lowerBound
      for index in range where rewards[index] > rewards[place] { place = index }
      return place
    }
    let total = positions.count
    let kept = Set(
      (0..<bins).map { best($0 * total / bins..<($0 + 1) * total / bins) }
        + windows.map { best($0.lowerBound..<$0.upperBound + 1) }
    ).sorted()
    let keptWindows = windows.compactMap { window -> ClosedRange<Int>? in
      let inside = kept.indices.filter { window.contains(kept[$0]) }
      guard let first = inside.first, let last = inside.last else { return nil }
      return first...last
    }
    let thinned = SpreadBands(
      positions: kept.map { positions[$0] }, rewards: kept.map { rewards[$0] }, cost: cost,
      count: count, windows: keptWindows, looks: looks.kept(kept))
    let program = SpreadProgram(
      positions: thinned.positions, rewards: thinned.rewards, cost: cost, count: count,
      windows: keptWindows, memoryBytes: SpreadProgram.standardMemoryBytes, bands: thinned.all(),
      looks: thinned.looks)
    return program.solve().map { kept[$0] }
  }

  /// An upper bound of the sum of the `count` greatest rewards. It exceeds the sum by at
  /// most a thousandth of the rewards' range per reward.
  private func greatestRewardSum() -> Double {
    guard let least = rewards.min(), let greatest = rewards.max(), least < greatest else {
      return Double(count) * (rewards.first ?? 0)
    }
    let steps = 1_024
    let width = (greatest - least) / Double(steps)
    var held = [Int](repeating: 0, count: steps)
    for reward in rewards { held[min(steps - 1, Int((reward - least) / width))] += 1 }
    var (sum, open) = (0.0, count)
    for step in stride(from: steps - 1, through: 0, by: -1) where open > 0 {
      let taken = min(open, held[step])
      sum += Double(taken) * (least + Double(step + 1) * width)
      open -= taken
    }
    return sum
  }

  /// The first candidate at or after a position.
  private func firstIndex(from position: Double) -> Int {
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
