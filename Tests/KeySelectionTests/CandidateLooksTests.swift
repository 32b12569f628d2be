import KeySelection
import Records
import TestSupport
import Testing

@Suite(.blocking) struct CandidateLooksTests {
  /// All ascending sets of `count` of `total` that hold every window, with their values.
  private func best(
    _ objective: SpreadObjective, _ count: Int, of total: Int, windows: [ClosedRange<Int>]
  ) -> [Int] {
    var best: (value: Double, set: [Int]) = (-.infinity, [])
    for mask in 0..<(1 << total) where mask.nonzeroBitCount == count {
      let set = (0..<total).filter { mask & (1 << $0) != 0 }
      guard windows.allSatisfy({ window in set.contains { window.contains($0) } }) else { continue }
      let value = objective.value(of: set)
      let isEarlier = abs(value - best.value) <= 1e-12 && set.lexicographicallyPrecedes(best.set)
      if value > best.value + 1e-12 || isEarlier { best = (value, set) }
    }
    return best.set
  }

  private func looks(_ total: Int, _ random: inout SeededGenerator) -> [Int] {
    var look = 0
    return (0..<total).map { place in
      if place > 0, random.next() % 3 == 0 { look += 1 }
      return look
    }
  }

  @Test(arguments: ["random", "flat"])
  func `the objective with looks is solved exactly, with and without windows`(shape: String) {
    var random = SeededGenerator(seed: 21)
    for round in 0..<300 {
      let total = 2 + Int(random.next() % 10)
      let count = 1 + Int(random.next() % UInt64(total))
      let cuts = (0...total).shuffled(using: &random).prefix(2 * count).sorted()
      let windows =
        round % 2 == 0
        ? []
        : stride(from: 0, to: cuts.count - 1, by: 2).map { cuts[$0]...(cuts[$0 + 1] - 1) }
      let objective = SpreadObjective(
        timestamps: (0..<total).map { Double($0) / 3 },
        relevance: (0..<total).map { _ in shape == "flat" ? 0 : random.nextUniform() },
        durationSeconds: 4, spread: random.nextUniform(), looks: looks(total, &random))
      #expect(
        objective.optimum(count: count, windows: windows)
          == best(objective, count, of: total, windows: windows))
    }
  }

  @Test func `little memory and bands keep the value of a quadratic program`() {
    var random = SeededGenerator(seed: 22)
    // Enough for bands.
    let total = 8_300
    let numbers = (0..<total).map { $0 / 900 }
    let relevance = (0..<total).map { _ in random.nextUniform() }
    let times = (0..<total).map(Double.init)
    for count in [2, 5, 12] {
      let objective = SpreadObjective(
        timestamps: times, relevance: relevance, durationSeconds: Double(total), spread: 0.4,
        looks: numbers)
      let chosen = objective.optimum(count: count)
      #expect(objective.optimum(count: count, memoryBytes: 50_000) == chosen)
      // Exchanges of one frame find nothing better.
      let value = objective.value(of: chosen)
      for place in chosen.indices {
        for other in stride(from: 0, to: total, by: 7) where !chosen.contains(other) {
          var set = chosen
          set[place] = other
          #expect(objective.value(of: set.sorted()) <= value + 1e-12)
        }
      }
    }
  }

  @Test func `one look, or none that is known, leaves the objective as it is`() {
    var random = SeededGenerator(seed: 23)
    let relevance = (0..<40).map { _ in random.nextUniform() }
    func objective(_ looks: [Int]) -> SpreadObjective {
      SpreadObjective(
        timestamps: (0..<40).map(Double.init), relevance: relevance, durationSeconds: 40,
        spread: 0.5, looks: looks)
    }
    for count in [1, 4, 9] {
      let expected = objective([]).optimum(count: count)
      let one = objective([Int](repeating: 3, count: 40))
      #expect(one.optimum(count: count) == expected)
      #expect(one.value(of: expected) == objective([]).value(of: expected))
    }
  }

  @Test func `at the end of the dial the looks do not count`() {
    let relevance = [0, 0.9, 1, 0, 0, 0.8, 0, 0]
    let objective = SpreadObjective(
      timestamps: (0..<8).map(Double.init), relevance: relevance, durationSeconds: 8, spread: 0,
      looks: [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(objective.optimum(count: 2) == [1, 2])
    #expect(objective.value(of: [1, 2]) == 0.95)
  }

  @Test func `a second frame of a look gives way to another look of nearly its relevance`() throws {
    // Two relevant frames of the first look, one of the second that is a little less so.
    let relevance = [0, 0.9, 1, 0, 0, 0.8, 0, 0]
    func chosen(_ looks: [Int]) -> [Int] {
      SpreadObjective(
        timestamps: (0..<8).map(Double.init), relevance: relevance, durationSeconds: 8,
        spread: 0.05, looks: looks
      ).optimum(count: 2)
    }
    #expect(chosen([]) == [1, 2])
    #expect(chosen([0, 0, 0, 0, 1, 1, 1, 1]) == [2, 5])
  }

  @Test func `cuts are found in embeddings of any norm, steady change is none`() {
    let scenes: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    let cut = (0..<12).map { place -> [Float]? in
      scenes[place / 4].enumerated().map { $1 + 0.01 * Float((place + $0) % 3) }
    }
    #expect(CandidateLooks.numbers(of: cut) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    let scaled = cut.map { $0?.map { $0 * 255 } }
    #expect(CandidateLooks.numbers(of: scaled) == CandidateLooks.numbers(of: cut))
    let steady = (0..<12).map { place -> [Float]? in [Float(place), 1] }
    #expect(Set(CandidateLooks.numbers(of: steady)) == [0])
    let missing = cut.enumerated().map { $0 == 4 ? nil : $1 }
    #expect(CandidateLooks.numbers(of: missing) == [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2])
    #expect(CandidateLooks.numbers(of: [nil, [1], nil]) == [0, 0, 0])
  }

  @Test func `with several looks at most half the frames are bound`() throws {
    let events = KeyEvent.segment(
      RelevanceCurve(
        timestamps: (0..<30).map(Double.init),
        relevance: (0..<30).map { (10..<16).contains($0) ? 1 : 0 }, durationSeconds: 30))
    let bound = { (count: Int) in
      RolePlan.bound(by: events, count: count, hasLooks: true).map(\.role)
    }
    #expect(bound(1) == [.peak] && bound(3) == [.peak])
    #expect(bound(4) == [.peak, .aftermath] && bound(6) == [.peak, .aftermath, .onset])
    #expect(bound(0).isEmpty)
  }

  @Test func `stratified takes the best of each bin, and the centre of a flat one`() throws {
    func chosen(_ relevance: [Double], _ frames: Int) throws -> [Int] {
      try CurveSelection(
        of: RelevanceCurve(
          timestamps: relevance.indices.map(Double.init), relevance: relevance,
          durationSeconds: Double(relevance.count)), frames: frames, strategy: .stratified
      ).chosen
    }
    #expect(try chosen([0, 3, 1, 1, 1, 2, 0, 0, 9, 0, 0, 0], 3) == [1, 5, 8])
    #expect(try chosen([Double](repeating: 1, count: 12), 3) == [2, 6, 10])
    #expect(try chosen([0, 0, 5, 5], 1) == [2])
  }
}
