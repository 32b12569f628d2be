/// The candidates that may follow another one at least cost, as an upper hull of
/// lines.
///
/// Candidate i, with total T and position p, is worth T - c (p - x)² to one at x:
/// less what is the same for all, the line T - c p² + 2 c p x. Candidates are
/// inserted from the last to the first, so slopes only fall; questions are asked
/// from the last to the first, so the answer only moves to flatter lines. Both
/// take constant time on average.
struct GapHull {
  private struct Line {
    var position: Double
    var intercept: Double
    var index: Int32
  }

  private let cost: Double
  /// Below this difference two totals count as equal, and the earlier candidate wins.
  private let tolerance: Double
  private var lines: [Line]
  /// The lines before this one never win again.
  private var head = 0
  private var end = 0

  /// - Parameter capacity: the greatest number of candidates between two
  ///   `removeAll`.
  init(cost: Double, tolerance: Double, capacity: Int) {
    self.cost = cost
    self.tolerance = tolerance
    lines = [Line](
      repeating: Line(position: 0, intercept: 0, index: 0), count: capacity)
  }

  mutating func removeAll() {
    head = 0
    end = 0
  }

  /// Adds a candidate that lies before all others; one whose total is -infinity
  /// cannot follow anything.
  mutating func insert(_ index: Int, at position: Double, total: Double) {
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

  /// The best follower of a candidate at `position`, and its total less the cost
  /// of the gap; -infinity and -1 where there is none.
  mutating func greatest(at position: Double) -> (total: Double, index: Int32) {
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

  private func value(_ line: Line, at position: Double) -> Double {
    line.intercept + cost * position * (2 * line.position - position)
  }
}
