/// The dynamic program behind `SpreadObjective.optimum`, which derives it.
///
/// Layer m holds F_m(j) for every candidate j that can be the m-th from the end, and
/// -infinity where no set exists. k - m candidates must fit before j and m - 1 after it,
/// so a layer has N - k + 1 places: place t of layer m is candidate t + k - m. Only the
/// places inside the layer's band are computed (`SpreadBands`).
struct SpreadProgram {
  /// The candidates' times as fractions of the duration, ascending.
  let positions: [Double]
  /// What each candidate adds when it is chosen.
  let rewards: [Double]
  /// The cost of a gap of the whole duration; shorter gaps cost by their square.
  let cost: Double
  /// The number of candidates to choose.
  let count: Int
  /// Disjoint ranges of candidates, ascending. Each must contain a chosen candidate.
  let windows: [ClosedRange<Int>]
  /// The limit for all layers that are kept.
  let memoryBytes: Int
  /// For layers 1 to `count`: the candidates that can be in a best set.
  let bands: [ClosedRange<Int>]
  let looks: LookTerms

  /// With this limit a selection from 100,000 candidates takes less than 256 MB.
  static let standardMemoryBytes = 160_000_000

  /// The totals of a layer, and space for those of the layer before it.
  private struct Layer {
    var totals: [Double]
    var before: [Double]

    init(_ totals: [Double]) {
      self.totals = totals
      before = [Double](repeating: 0, count: totals.count)
    }
  }

  private var width: Int { positions.count - count + 1 }
  private var widestBand: Int { bands.map(\.count).max() ?? 0 }

  /// Totals that differ by less count as equal. The rounding error of a sum of `count`
  /// such terms is smaller.
  private let tolerance: Double

  init(
    positions: [Double], rewards: [Double], cost: Double, count: Int,
    windows: [ClosedRange<Int>], memoryBytes: Int, bands: [ClosedRange<Int>],
    looks: LookTerms = .none
  ) {
    self.positions = positions
    self.rewards = rewards
    self.cost = cost
    self.count = count
    self.windows = windows
    self.memoryBytes = memoryBytes
    self.bands = bands
    self.looks = looks
    // Rewards and cost both count: on a flat curve a tiny cost alone decides.
    let greatest = rewards.reduce(0) { max($0, abs($1)) }
    tolerance = 1e-14 * (Double(count) * greatest + cost) * Double(count).squareRoot()
  }

  /// The best candidates, ascending; the earliest of equally good sets.
  func solve() -> [Int] {
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    // With looks, the second half belongs to the hull of later looks.
    var lines = [FollowerHull.Line](
      repeating: .none, count: looks.isEmpty ? width : 2 * width)
    trace(
      from: 1, to: count, totals: lastLayer(), memoryBytes: memoryBytes, lines: &lines,
      into: &chosen)
    return chosen
  }

  /// Appends the chosen candidates of layers `high` - 1 to `low`. The candidate of layer
  /// `high` is the last of `chosen`; the first layer's is found here.
  ///
  /// The followers take 4 bytes per place and layer. If that exceeds the limit, the
  /// layers are cut into pieces. Only the totals at which each piece begins are kept (8
  /// bytes per place), and the pieces are traced from the last to the first. Each level
  /// of cutting computes all layers once more.
  private func trace(
    from low: Int, to high: Int, totals start: [Double], memoryBytes: Int,
    lines: inout [FollowerHull.Line], into chosen: inout [Int]
  ) {
    let layers = high - low
    guard
      let pieces = Self.pieces(of: layers, places: widestBand, memoryBytes: memoryBytes)
    else {
      var layer = Layer(start)
      var followers: [[Int32]] = []
      followers.reserveCapacity(layers)
      for number in stride(from: low + 1, through: high, by: 1) {
        followers.append([Int32](repeating: -1, count: bands[number - 1].count))
        advance(&layer, to: number, followers: &followers[number - low - 1], lines: &lines)
      }
      if chosen.isEmpty { chosen.append(first(of: layer.totals)) }
      for number in stride(from: high, to: low, by: -1) {
        let place = chosen[chosen.count - 1] - bands[number - 1].lowerBound
        chosen.append(Int(followers[number - low - 1][place]))
      }
      return
    }
    let length = (layers + pieces - 1) / pieces
    var starts = [start]
    var layer = Layer(start)
    var unused = [Int32](repeating: -1, count: widestBand)
    for number in (low + 1)...high {
      guard starts.count * length < layers else { break }
      advance(&layer, to: number, followers: &unused, lines: &lines)
      if (number - low) % length == 0 { starts.append(layer.totals) }
    }
    layer = Layer([])
    let left = memoryBytes - starts.count * width * 8
    while let begin = starts.popLast() {
      let first = low + starts.count * length
      trace(
        from: first, to: min(first + length, high), totals: begin, memoryBytes: left,
        lines: &lines, into: &chosen)
    }
  }

  /// The number of pieces into which to cut the layers; nil if all fit uncut.
  static func pieces(of layers: Int, places: Int, memoryBytes: Int) -> Int? {
    func bytes(_ pieces: Int) -> Int {
      places * (8 * pieces + 4 * ((layers + pieces - 1) / pieces))
    }
    guard layers > 1, places * 4 * layers > memoryBytes else { return nil }
    // 8 p + 4 L / p is least where p is the root of L / 2.
    let best = max(2, Int((Double(layers) / 2).squareRoot().rounded()))
    if bytes(best) <= memoryBytes {
      var least = 2
      while bytes(least) > memoryBytes { least += 1 }
      return least
    }
    // Half of the limit for these totals, half for the pieces.
    return min(layers, max(2, memoryBytes / (16 * places)))
  }

  /// Layer 1: F_1, each candidate as the last chosen one.
  private func lastLayer() -> [Double] {
    (0..<width).map { place in
      let index = place + count - 1
      if let last = windows.last, index < last.lowerBound { return -.infinity }
      let gap = 1 - positions[index]
      return rewards[index] - cost * gap * gap
    }
  }

  /// The first candidate of the best set.
  private func first(of totals: [Double]) -> Int {
    var best = -Double.infinity
    var place = 0
    let band = bands[count - 1]
    let last = min(band.upperBound, windows.first?.upperBound ?? width)
    for index in band where index <= last && totals[index] > -.infinity {
      let total = totals[index] - cost * positions[index] * positions[index]
      if total > best + tolerance {
        best = total
        place = index
      }
    }
    return place
  }

  /// Turns layer `number` - 1 into layer `number`, and records the best follower of
  /// every candidate of its band.
  ///
  /// Candidates before a window may not be followed by candidates after it. When the
  /// loop passes a window's lower end, the hull starts again with the window's own
  /// candidates. Windows are disjoint, so each candidate enters at most twice.
  private func advance(
    _ layer: inout Layer, to number: Int, followers: inout [Int32], lines: inout [FollowerHull.Line]
  ) {
    swap(&layer.totals, &layer.before)
    let band = bands[number - 1]
    let bandBefore = bands[number - 2]
    let offset = count - number
    var hull = FollowerHull(cost: cost, tolerance: tolerance)
    var later = FollowerHull(cost: cost, tolerance: tolerance, start: width)
    let hasLooks = !looks.isEmpty
    let repeatCost = looks.repeatCost
    let tolerance = tolerance
    // The next candidate to enter the hull of later looks.
    var nextLater = bandBefore.upperBound
    // Windows from this one on lie after the current candidate.
    var open = windows.count
    var next = bandBefore.upperBound
    let positions = positions.span
    let rewards = rewards.span
    let layerBefore = layer.before
    let before = layerBefore.span
    let numbers = looks.numbers.span
    var totals = layer.totals.mutableSpan
    var followers = followers.mutableSpan
    var lines = lines.mutableSpan
    for index in stride(from: band.upperBound, through: band.lowerBound, by: -1) {
      if open > 0, windows[open - 1].lowerBound > index {
        repeat { open -= 1 } while open > 0 && windows[open - 1].lowerBound > index
        hull.removeAll()
        next = min(windows[open].upperBound, bandBefore.upperBound)
        later.removeAll()
        nextLater = next
      }
      while next > index, next >= bandBefore.lowerBound {
        hull.insert(next, at: positions[next], total: before[next - offset - 1], into: &lines)
        next -= 1
      }
      var best = hull.greatest(at: positions[index], in: lines)
      if hasLooks {
        while nextLater > index, numbers[nextLater] > numbers[index],
          nextLater >= bandBefore.lowerBound
        {
          later.insert(
            nextLater, at: positions[nextLater], total: before[nextLater - offset - 1], into: &lines
          )
          nextLater -= 1
        }
        best.total -= repeatCost
        let other = later.greatest(at: positions[index], in: lines)
        if other.total > best.total + tolerance
          || (other.total >= best.total - tolerance && other.index < best.index)
        {
          best = other
        }
      }
      totals[index - offset] = rewards[index] + best.total
      followers[index - band.lowerBound] = best.index
    }
  }
}

/// The best candidate to follow another one, as an upper hull of lines.
///
/// Candidate i with total T at position p is worth T - c (p - x)² to a candidate at x.
/// Without the part that is equal for all, that is the line T - c p² + 2 c p x.
/// Candidates are inserted from the last to the first, so slopes fall. Questions are
/// asked from the last to the first, so the answer only moves to flatter lines. Both
/// take constant time on average.
///
/// The caller owns the lines and passes them as a span. In an array that the hull owned,
/// each access would check for a unique owner, which costs as much as the access.
struct FollowerHull {
  struct Line {
    fileprivate var position: Double
    fileprivate var intercept: Double
    fileprivate var index: Int32

    /// Fills space that is not used yet.
    static let none = Line(position: 0, intercept: 0, index: 0)
  }

  private let cost: Double
  /// Totals that differ by less count as equal, and the earlier candidate wins.
  private let tolerance: Double
  /// Lines before this one never win again.
  private var head: Int
  private var end: Int
  private let start: Int

  /// - Parameter start: the first of the lines that it uses.
  init(cost: Double, tolerance: Double, start: Int = 0) {
    self.cost = cost
    self.tolerance = tolerance
    self.start = start
    head = start
    end = start
  }

  mutating func removeAll() {
    head = start
    end = start
  }

  /// Adds a candidate that lies before all others. One with a total of -infinity cannot
  /// follow any candidate and is ignored.
  ///
  /// - Parameter lines: space for all candidates between two calls of `removeAll`.
  @inline(__always)
  mutating func insert(
    _ index: Int, at position: Double, total: Double, into lines: inout MutableSpan<Line>
  ) {
    guard total > -.infinity else { return }
    let line = Line(
      position: position, intercept: total - cost * position * position, index: Int32(index))
    while end > head {
      let last = lines[end - 1]
      let step = last.position - position
      if cost * step <= 0 {
        if line.intercept < last.intercept - tolerance { return }
      } else if end - head > 1 {
        let before = lines[end - 2]
        let left = (line.intercept - last.intercept) * (before.position - last.position)
        let right = (last.intercept - before.intercept) * step
        guard left >= right else { break }
      } else {
        break
      }
      end -= 1
    }
    lines[end] = line
    end += 1
  }

  /// The best follower of a candidate at `position`, and its total less the cost of the
  /// gap; -1 and -infinity if there is none.
  @inline(__always)
  mutating func greatest(
    at position: Double, in lines: borrowing MutableSpan<Line>
  ) -> (total: Double, index: Int32) {
    guard end > head else { return (-.infinity, -1) }
    var best = value(lines[head], at: position)
    while end - head > 1 {
      let next = value(lines[head + 1], at: position)
      guard next >= best - tolerance else { break }
      best = next
      head += 1
    }
    return (best, lines[head].index)
  }

  @inline(__always)
  private func value(_ line: Line, at position: Double) -> Double {
    line.intercept + cost * position * (2 * line.position - position)
  }
}

/// The looks of candidates in `SpreadProgram`, and the cost of repeating one.
struct LookTerms {
  /// One per candidate, ascending; empty if there is one look.
  let numbers: [Int]
  /// The cost of a chosen candidate with the look of the chosen one before it.
  let repeatCost: Double

  static let none = LookTerms(numbers: [], repeatCost: 0)

  var isEmpty: Bool { numbers.isEmpty }

  func cost(of chosen: [Int]) -> Double {
    guard !isEmpty else { return 0 }
    let repeats = zip(chosen, chosen.dropFirst()).count { numbers[$0] == numbers[$1] }
    return repeatCost * Double(repeats)
  }

  /// What `count` candidates cost at least: looks run out.
  func leastCost(of count: Int) -> Double {
    guard !isEmpty else { return 0 }
    let looks = 1 + zip(numbers, numbers.dropFirst()).count { $0 != $1 }
    return repeatCost * Double(max(0, count - looks))
  }

  /// The terms of some of the candidates.
  func kept(_ places: [Int]) -> LookTerms {
    isEmpty ? self : LookTerms(numbers: places.map { numbers[$0] }, repeatCost: repeatCost)
  }
}
