import KeySelection
import Records
import TestSupport
import Testing

@Suite(.blocking) struct SpreadObjectiveTests {
  /// All ascending sets of `count` of `total`, in lexicographic order.
  private func sets(_ count: Int, of total: Int, from start: Int = 0) -> [[Int]] {
    guard count > 0 else { return [[]] }
    guard total - start >= count else { return [] }
    return (start...(total - count)).flatMap { first in
      sets(count - 1, of: total, from: first + 1).map { [first] + $0 }
    }
  }

  private func bruteForce(
    _ objective: SpreadObjective, count: Int, of total: Int, windows: [ClosedRange<Int>] = []
  ) -> [Int] {
    var best: (value: Double, set: [Int]) = (-.infinity, [])
    for set in sets(count, of: total)
    where windows.allSatisfy({ window in set.contains { window.contains($0) } }) {
      let value = objective.value(of: set)
      if value > best.value + 1e-12 { best = (value, set) }
    }
    return best.set
  }

  @Test func `equals brute force on random curves with irregular times`() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let total = 1 + Int(random.next() % 11)
      let count = 1 + Int(random.next() % UInt64(total))
      let times = (0..<total).map { _ in random.nextUniform(in: 0..<20) }.sorted()
      let relevance = (0..<total).map { _ in random.nextUniform() }
      let objective = SpreadObjective(
        timestamps: times, relevance: relevance, durationSeconds: 20,
        spread: random.nextUniform())
      #expect(
        objective.optimum(count: count) == bruteForce(objective, count: count, of: total))
    }
  }

  @Test func `ties go to the earliest set on flat and stepped curves at regular times`() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<300 {
      let total = 1 + Int(random.next() % 11)
      let count = 1 + Int(random.next() % UInt64(total))
      let levels = 1 + random.next() % 3
      let relevance = (0..<total).map { _ in Double(random.next() % levels) }
      let objective = SpreadObjective(
        timestamps: (0..<total).map(Double.init), relevance: relevance,
        durationSeconds: Double(total), spread: [0, 0.25, 0.5, 1][Int(random.next() % 4)])
      #expect(
        objective.optimum(count: count) == bruteForce(objective, count: count, of: total))
    }
  }

  @Test func `windows are each held by the best of the sets that hold them`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<300 {
      let total = 2 + Int(random.next() % 10)
      let count = 1 + Int(random.next() % UInt64(total))
      // Every other stretch between random cuts is a window.
      let cuts = (0...total).shuffled(using: &random).prefix(2 * count).sorted()
      let windows = stride(from: 0, to: cuts.count - 1, by: 2).map { cuts[$0]...(cuts[$0 + 1] - 1) }
      let objective = SpreadObjective(
        timestamps: (0..<total).map { Double($0) / 3 },
        relevance: (0..<total).map { _ in random.nextUniform() },
        durationSeconds: 4, spread: random.nextUniform())
      #expect(
        objective.optimum(count: count, windows: windows)
          == bruteForce(objective, count: count, of: total, windows: windows))
    }
  }

  @Test(arguments: [1, 1e-3, 1e-9, 1e-13, 1e-15])
  func `on a flat curve any spread gives even gaps`(spread: Double) {
    let objective = SpreadObjective(
      timestamps: (0..<20).map(Double.init), relevance: [Double](repeating: 0, count: 20),
      durationSeconds: 20, spread: spread)
    let even = bruteForce(
      SpreadObjective(
        timestamps: (0..<20).map(Double.init), relevance: [Double](repeating: 0, count: 20),
        durationSeconds: 20, spread: 1), count: 4, of: 20)
    #expect(objective.optimum(count: 4) == even)
  }

  @Test func `equal times and equal relevance do not confuse it`() {
    let objective = SpreadObjective(
      timestamps: [1, 1, 1, 2, 2, 5], relevance: [0, 0, 0, 0, 0, 0], durationSeconds: 6,
      spread: 0.5)
    for count in 1...6 {
      #expect(objective.optimum(count: count) == bruteForce(objective, count: count, of: 6))
    }
  }

  @Test func `a hand-sized case`() {
    // Mean relevance 1 at candidates 1 and 2 against gaps of 1/4, 1/4 and 1/2:
    // 0.5 * 1 - 0.5 * 3 * (1/16 + 1/16 + 1/4) = -0.0625.
    let objective = SpreadObjective(
      timestamps: [0, 1, 2, 3], relevance: [0, 1, 1, 0], durationSeconds: 4, spread: 0.5)
    #expect(objective.value(of: [1, 2]) == -0.0625)
    #expect(objective.optimum(count: 2) == [1, 2])
  }

  @Test func `a long curve keeps the optimum's value when computed by a quadratic program`() {
    var random = SeededGenerator(seed: 4)
    let total = 400
    let count = 23
    let times = (0..<total).map { Double($0) * 0.5 }
    let relevance = (0..<total).map { _ in random.nextUniform() }
    let spread = 0.3
    let objective = SpreadObjective(
      timestamps: times, relevance: relevance, durationSeconds: 200, spread: spread)
    func gap(_ a: Double, _ b: Double) -> Double {
      spread * Double(count + 1) * ((b - a) / 200) * ((b - a) / 200)
    }
    var layer = (0..<total).map {
      (1 - spread) * relevance[$0] / Double(count) - gap(0, times[$0])
    }
    for number in 1..<count {
      layer = (0..<total).map { j in
        (1 - spread) * relevance[j] / Double(count)
          + ((number - 1)..<max(number - 1, j)).reduce(-Double.infinity) {
            max($0, layer[$1] - gap(times[$1], times[j]))
          }
      }
    }
    let best = (0..<total).map { layer[$0] - gap(times[$0], 200) }.max() ?? 0
    let chosen = objective.optimum(count: count)
    #expect(abs(objective.value(of: chosen) - best) < 1e-12)
    #expect(Set(chosen).count == count && chosen == chosen.sorted())
  }

  @Test func `layers that are computed again give the same set, however little memory there is`() {
    var random = SeededGenerator(seed: 6)
    let total = 300
    let objective = SpreadObjective(
      timestamps: (0..<total).map { Double($0) / 2 },
      relevance: (0..<total).map { _ in random.nextUniform() }, durationSeconds: 150, spread: 0.4)
    for count in [1, 2, 7, 64, 150, 222, 299, 300] {
      let windows = count < 3 ? [] : [3...9, 40...40, 200...280]
      let expected = objective.optimum(count: count, windows: windows)
      #expect(Set(expected).count == count)
      for memoryBytes in [0, 5000, 30_000, 200_000] {
        #expect(
          objective.optimum(count: count, windows: windows, memoryBytes: memoryBytes) == expected)
      }
    }
  }

  @Test(
    "candidates that are never looked at are in no best set",
    arguments: ["noise", "a spike", "steps", "flat", "clusters"])
  func bandsKeepTheOptimum(shape: String) {
    var random = SeededGenerator(seed: 7)
    // Enough for SpreadBands to leave some out; quadratic in the check.
    let total = 8_300
    let relevance = (0..<total).map { place -> Double in
      switch shape {
      case "noise": random.nextUniform()
      case "a spike": place == 7_000 ? 1 : 0.01 * random.nextUniform()
      case "steps": Double(place * 7 / total % 3)
      case "flat": 0
      default: place % 2_000 < 40 ? 0.5 + 0.5 * random.nextUniform() : 0
      }
    }
    var times = (0..<total).map { _ in random.nextUniform(in: 0..<100) }.sorted()
    if shape == "flat" { times = (0..<total).map { Double($0) * 100 / Double(total) } }
    for (count, windows) in [(1, []), (2, []), (3, [6_900...7_100, 8_200...8_299])] {
      let objective = SpreadObjective(
        timestamps: times, relevance: relevance, durationSeconds: 100, spread: 0.4)
      let chosen = objective.optimum(count: count, windows: windows)
      #expect(chosen == chosen.sorted() && Set(chosen).count == count)
      #expect(windows.allSatisfy { window in chosen.contains { window.contains($0) } })
      let best = quadraticProgram(
        times.map { $0 / 100 }, relevance, count: count, spread: 0.4, windows: windows)
      #expect(abs(objective.value(of: chosen) - best) < 1e-12, "\(count) of \(shape)")
    }
  }

  /// The greatest value of any set that holds every window, from its definition.
  private func quadraticProgram(
    _ times: [Double], _ relevance: [Double], count: Int, spread: Double,
    windows: [ClosedRange<Int>]
  ) -> Double {
    func gap(_ a: Double, _ b: Double) -> Double { spread * Double(count + 1) * (b - a) * (b - a) }
    /// From where the frame before `index` may come: no window lies between them.
    let firstBefore = times.indices.map { index in
      windows.last { $0.upperBound < index }?.lowerBound ?? 0
    }
    var layer = times.indices.map { index in
      windows.contains { $0.upperBound < index }
        ? -.infinity : (1 - spread) * relevance[index] / Double(count) - gap(0, times[index])
    }
    for _ in 0..<(count - 1) {
      layer = times.indices.map { index in
        var best = -Double.infinity
        for before in firstBefore[index]..<max(firstBefore[index], index) {
          best = max(best, layer[before] - gap(times[before], times[index]))
        }
        return (1 - spread) * relevance[index] / Double(count) + best
      }
    }
    return times.indices.map { index in
      windows.contains { $0.lowerBound > index } ? -.infinity : layer[index] - gap(times[index], 1)
    }.max() ?? 0
  }
}
