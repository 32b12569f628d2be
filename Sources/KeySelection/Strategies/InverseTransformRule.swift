import Foundation

/// `bolt`: inverse transform sampling of the sharpened relevance curve, at equal
/// steps of its mass.
///
/// Differs from the published program: it probes at (j + 0.5) / k instead of 1/k to
/// 1 - 1/k, replaces a frame that is already taken by the nearest free one (the earlier
/// of two), and samples a flat curve uniformly. It therefore always gives k distinct
/// frames.
struct InverseTransformRule: SelectionRule {
  var formula: String {
    "first candidate at which the cumulated r^p reaches (j+0.5)/k of its sum, j = 0..k-1; one "
      + "that is taken gives way to the nearest free one; a flat curve: uniform"
  }
  var source: String { "Liu et al., BOLT, CVPR 2025, repaired" }

  func parameters(_ dials: SelectionParameters, durationSeconds: Double, count: Int)
    -> [String: Double]
  {
    ["power": dials.power]
  }

  func choose(_ count: Int, from problem: SelectionProblem) -> [Int] {
    guard !problem.isFlat else { return UniformRule().choose(count, from: problem) }
    var sum = 0.0
    let cumulated = problem.relevance.map { value in
      sum += pow(value, problem.parameters.power)
      return sum
    }
    var free = FreePlaces(count: problem.count)
    var place = 0
    var chosen: [Int] = []
    for number in 0..<count {
      let probe = (Double(number) + 0.5) / Double(count) * sum
      while place + 1 < problem.count, cumulated[place] < probe { place += 1 }
      chosen.append(free.takeNearest(to: place))
    }
    return chosen.sorted()
  }
}

/// Places that can each be taken once.
private struct FreePlaces {
  /// For a taken place, a place to its left or right that is nearer to a free one; for a
  /// free place, itself. Shifted by 1: 0 and `count` + 1 lie outside.
  private var left: [Int]
  private var right: [Int]

  init(count: Int) {
    left = Array(0...(count + 1))
    right = left
  }

  /// Takes the free place nearest to `place`, the earlier of two.
  mutating func takeNearest(to place: Int) -> Int {
    let wanted = place + 1
    let before = Self.end(of: &left, from: wanted)
    let after = Self.end(of: &right, from: wanted)
    let isBefore =
      before > 0 && (after == right.count - 1 || wanted - before <= after - wanted)
    let found = isBefore ? before : after
    left[found] = found - 1
    right[found] = found + 1
    return found - 1
  }

  /// Follows the links, and shortens them for the next search.
  private static func end(of links: inout [Int], from start: Int) -> Int {
    var end = start
    while links[end] != end { end = links[end] }
    var place = start
    while links[place] != end {
      let next = links[place]
      links[place] = end
      place = next
    }
    return end
  }
}
