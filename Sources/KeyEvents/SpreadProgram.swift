/// The dynamic program behind `SpreadObjective.optimum`.
///
/// Layer m holds, for every candidate j that can be the m-th from the end, the best
/// total of j and the m - 1 frames chosen after it, up to the end of the video;
/// -infinity where there is none. As k - m candidates must fit before j and m - 1
/// after it, a layer has N - k + 1 places: place t of layer m is candidate
/// t + k - m. Only those within the layer's band are computed (`SpreadBands`).
struct SpreadProgram {
  /// The candidates' times as fractions of the duration, ascending.
  let positions: [Double]
  /// What choosing a candidate adds.
  let rewards: [Double]
  /// What a gap of the whole duration takes away; others by their square.
  let cost: Double
  /// How many candidates to choose.
  let count: Int
  /// Disjoint ranges of candidates, ascending, each of which must hold a chosen one.
  let windows: [ClosedRange<Int>]
  /// What the layers that are kept may take in all.
  let memoryBytes: Int
  /// For layers 1 to `count`, the candidates that can be in a best set.
  let bands: [ClosedRange<Int>]

  /// Keeps the whole of a selection from 100,000 candidates within 256 MB.
  static let standardMemoryBytes = 160_000_000

  /// The totals of a layer, and room for those of the one before it.
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

  /// Below this difference two totals count as equal: sums of `count` terms of
  /// this size are rounded by less.
  private let tolerance: Double

  init(
    positions: [Double], rewards: [Double], cost: Double, count: Int,
    windows: [ClosedRange<Int>], memoryBytes: Int, bands: [ClosedRange<Int>]
  ) {
    self.positions = positions
    self.rewards = rewards
    self.cost = cost
    self.count = count
    self.windows = windows
    self.memoryBytes = memoryBytes
    self.bands = bands
    // Both parts as they are: on a flat curve nothing but a tiny cost may decide.
    let greatest = rewards.reduce(0) { max($0, abs($1)) }
    tolerance = 1e-14 * (Double(count) * greatest + cost) * Double(count).squareRoot()
  }

  /// The best candidates, ascending; the earliest of equally good sets.
  func solve() -> [Int] {
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    var lines = [GapHull.Line](repeating: .none, count: width)
    trace(
      from: 1, to: count, totals: lastLayer(), memoryBytes: memoryBytes, lines: &lines,
      into: &chosen)
    return chosen
  }

  /// Appends the chosen candidates of layers `high` - 1 to `low`, that of `high`
  /// being the last of `chosen` (or, of the first layer, found here).
  ///
  /// Who follows whom takes 4 bytes a place and layer. Where that is too much,
  /// the layers are cut into pieces, the totals at which each begins are kept
  /// (8 bytes a place), and the pieces are traced from the last to the first: each
  /// cut of this kind computes all layers once more.
  private func trace(
    from low: Int, to high: Int, totals start: [Double], memoryBytes: Int,
    lines: inout [GapHull.Line], into chosen: inout [Int]
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

  /// Into how many pieces to cut so many layers; nil where all fit as they are.
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
    // Half for these, half for what the pieces need in their turn.
    return min(layers, max(2, memoryBytes / (16 * places)))
  }

  /// Layer 1: each candidate as the last one chosen.
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

  /// Turns layer `number` - 1 into layer `number`, and notes for each candidate of
  /// its band which one to choose next.
  ///
  /// What comes before a window may not be followed by what comes after it: where
  /// the candidates pass a window's lower end, the hull begins anew with the
  /// window's own. Windows being disjoint, each candidate enters twice at most.
  private func advance(
    _ layer: inout Layer, to number: Int, followers: inout [Int32], lines: inout [GapHull.Line]
  ) {
    swap(&layer.totals, &layer.before)
    let band = bands[number - 1]
    let bandBefore = bands[number - 2]
    let offset = count - number
    var hull = GapHull(cost: cost, tolerance: tolerance)
    // Windows from here on lie after the candidate in hand.
    var open = windows.count
    var next = bandBefore.upperBound
    let positions = positions.span
    let rewards = rewards.span
    let layerBefore = layer.before
    let before = layerBefore.span
    var totals = layer.totals.mutableSpan
    var followers = followers.mutableSpan
    var lines = lines.mutableSpan
    for index in stride(from: band.upperBound, through: band.lowerBound, by: -1) {
      if open > 0, windows[open - 1].lowerBound > index {
        repeat { open -= 1 } while open > 0 && windows[open - 1].lowerBound > index
        hull.removeAll()
        next = min(windows[open].upperBound, bandBefore.upperBound)
      }
      while next > index, next >= bandBefore.lowerBound {
        hull.insert(next, at: positions[next], total: before[next - offset - 1], into: &lines)
        next -= 1
      }
      let best = hull.greatest(at: positions[index], in: lines)
      totals[index - offset] = rewards[index] + best.total
      followers[index - band.lowerBound] = best.index
    }
  }
}
