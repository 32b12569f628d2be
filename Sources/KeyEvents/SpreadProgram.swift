/// The dynamic program behind `SpreadObjective.optimum`.
///
/// Layer m holds, for every candidate j, the best total of j and the m - 1 frames
/// chosen after it, up to the end of the video; -infinity where there is none.
struct SpreadProgram {
  /// The candidates' times as fractions of the duration, ascending.
  let positions: [Double]
  /// What choosing a candidate adds.
  let rewards: [Double]
  /// What a gap of the whole duration takes away; others by their square.
  let cost: Double
  /// How many candidates to choose.
  let count: Int
  /// Candidates that must be among them, ascending.
  let required: [Int]

  private typealias Layer = (totals: [Double], successors: [Int32])

  /// Below this difference two totals count as equal: sums of `count` terms of
  /// this size are rounded by less.
  private var tolerance: Double { 1e-14 * (1 + cost) * Double(count).squareRoot() }

  /// The best candidates, ascending; the earliest of equally good sets.
  func solve() -> [Int] {
    let block = max(1, Int(Double(count).squareRoot().rounded(.up)))
    // checkpoints[b] is layer b * block + 1.
    var checkpoints: [[Double]] = []
    var totals = lastLayer()
    for number in 1...count {
      if number > 1 { totals = layer(number, after: totals).totals }
      if (number - 1) % block == 0 { checkpoints.append(totals) }
    }

    var chosen = [first(of: totals)]
    for index in checkpoints.indices.reversed() {
      let low = index * block + 1
      var totals = checkpoints[index]
      var rows: [[Int32]] = []
      for number in stride(from: low + 1, through: min(low + block, count), by: 1) {
        let next = layer(number, after: totals)
        totals = next.totals
        rows.append(next.successors)
      }
      for row in rows.reversed() { chosen.append(Int(row[chosen[chosen.count - 1]])) }
    }
    return chosen
  }

  /// Layer 1: each candidate as the last one chosen.
  private func lastLayer() -> [Double] {
    positions.indices.map { index in
      if let last = required.last, index < last { return -.infinity }
      let gap = 1 - positions[index]
      return rewards[index] - cost * gap * gap
    }
  }

  /// The first candidate of the best set.
  private func first(of totals: [Double]) -> Int {
    var best = -Double.infinity
    var place = 0
    for index in 0...(required.first ?? totals.count - 1) where totals[index].isFinite {
      let total = totals[index] - cost * positions[index] * positions[index]
      if total > best + tolerance {
        best = total
        place = index
      }
    }
    return place
  }

  /// Layer `number` from the one before it, and for each candidate the one to
  /// choose next.
  private func layer(_ number: Int, after rest: [Double]) -> Layer {
    var totals = [Double](repeating: -.infinity, count: positions.count)
    var successors = [Int32](repeating: -1, count: positions.count)
    var barriers = required[...]
    let tolerance = tolerance
    // The hull: candidates i as lines rest(i) - cost (x_i - x)² + cost x² in x,
    // from the steepest (latest) to the flattest (earliest). Those before `head`
    // never win again.
    var hull = [Int](repeating: 0, count: positions.count)
    var head = 0
    var end = 0
    func value(_ i: Int, at x: Double) -> Double {
      let gap = positions[i] - x
      return rest[i] - cost * gap * gap
    }
    func intercept(_ i: Int) -> Double { rest[i] - cost * positions[i] * positions[i] }

    for j in stride(from: positions.count - number, through: 0, by: -1) {
      let new = j + 1
      while let barrier = barriers.last, barrier > new { barriers.removeLast() }
      // What comes before a required candidate may not skip it.
      if barriers.last == new { (head, end) = (0, 0) }
      if rest[new].isFinite {
        var isWorse = false
        while end > head {
          let last = hull[end - 1]
          let slope = cost * (positions[last] - positions[new])
          if slope <= 0 {
            isWorse = intercept(new) < intercept(last) - tolerance
            if isWorse { break }
            end -= 1
          } else if end - head > 1 {
            let before = hull[end - 2]
            let left = (intercept(new) - intercept(last)) * (positions[before] - positions[last])
            let right = (intercept(last) - intercept(before)) * (positions[last] - positions[new])
            guard left >= right else { break }
            end -= 1
          } else {
            break
          }
        }
        if !isWorse {
          hull[end] = new
          end += 1
        }
      }
      guard end > head else { continue }
      let x = positions[j]
      var best = value(hull[head], at: x)
      while end - head > 1 {
        let next = value(hull[head + 1], at: x)
        guard next >= best - tolerance else { break }
        best = next
        head += 1
      }
      totals[j] = rewards[j] + best
      successors[j] = Int32(hull[head])
    }
    return (totals, successors)
  }
}
