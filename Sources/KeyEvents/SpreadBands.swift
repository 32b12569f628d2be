/// Which candidates the layers of `SpreadProgram` need to look at, so that none of a
/// best set is left out.
///
/// With candidate i as the m-th chosen from the end, at position p, m gaps share
/// 1 - p and k + 1 - m share p, and the squares of gaps are least where they are
/// equal: no set with it there is worth more than
///
///   R - c ((1 - p)^2 / m + p^2 / (k + 1 - m)),
///
/// R being the sum of the k greatest rewards. Where that is less than the total of a
/// set that is known, i is not the m-th from the end of a best one. The known set is
/// the best of a few thousand candidates, the greatest of each of as many bins.
struct SpreadBands {
  let positions: [Double]
  let rewards: [Double]
  let cost: Double
  let count: Int
  let windows: [ClosedRange<Int>]

  /// Bins of the thinned candidates: at least, and for each that is chosen.
  private static let leastBins = 2_048
  private static let binsPerChosen = 8

  /// For layers 1 to `count`, every candidate that has enough others on both sides.
  func all() -> [ClosedRange<Int>] {
    (1...count).map { (count - $0)...(positions.count - $0) }
  }

  /// For layers 1 to `count`, the candidates that can be in a best set.
  func ofBest() -> [ClosedRange<Int>] {
    let bins = max(Self.leastBins, Self.binsPerChosen * count)
    guard cost > 0, positions.count >= 4 * bins else { return all() }
    let known = total(of: bestOfThinned(bins: bins))
    // Rounding must not cut off what is as good as the best.
    let slack = greatestRewardSum() - cost / Double(count + 1) - known + 1e-9 * (1 + cost)
    return all().enumerated().map { place, range in
      let (after, before) = (Double(place + 1), Double(count - place))
      let middle = before / (before + after)
      let reach = (max(0, slack) * before * after / (cost * (before + after))).squareRoot()
      let low = max(range.lowerBound, firstIndex(from: middle - reach))
      let high = min(range.upperBound, firstIndex(from: middle + reach) - 1)
      return low <= high ? low...high : range
    }
  }

  /// What a set is worth: its rewards less the cost of its gaps.
  private func total(of chosen: [Int]) -> Double {
    let ends = [0] + chosen.map { positions[$0] } + [1]
    return chosen.reduce(0) { $0 + rewards[$1] }
      - cost * zip(ends, ends.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
  }

  /// The best set of the candidates with the greatest reward of each bin, and of
  /// each window.
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
      count: count, windows: keptWindows)
    let program = SpreadProgram(
      positions: thinned.positions, rewards: thinned.rewards, cost: cost, count: count,
      windows: keptWindows, memoryBytes: SpreadProgram.standardMemoryBytes, bands: thinned.all())
    return program.solve().map { kept[$0] }
  }

  /// At least the sum of the `count` greatest rewards, at most a thousandth of their
  /// range more for each.
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
