import KeyEvents
import Records
import Testing

@Suite struct SelectionStrategyTests {
  private func curve(_ relevance: [Double?], step: Double = 1) -> RelevanceCurve {
    RelevanceCurve(
      timestamps: relevance.indices.map { Double($0) * step }, relevance: relevance,
      durationSeconds: Double(relevance.count) * step)
  }

  private let shapes: [@Sendable (Int) -> [Double?]] = [
    { count in [Double?](repeating: 0.3, count: count) },
    { count in [Double?](repeating: nil, count: count) },
    { count in [Double?](repeating: .nan, count: count) },
    { count in (0..<count).map { $0 == count / 2 ? 1 : 0 } },
    { count in (0..<count).map { $0 == 1 || $0 == count - 2 ? 1 : 0 } },
    { count in (0..<count).map { -Double($0 * 7919 % 101) } },
    { count in (0..<count).map { $0 % 3 == 0 ? nil : Double($0 % 5) } },
    { count in (0..<count).map { $0 == 0 ? 1e308 : -1e308 } },
  ]

  @Test(arguments: SelectionStrategy.allCases)
  func `gives exactly min(k, N) distinct frames in time order for every curve`(
    strategy: SelectionStrategy
  ) throws {
    for wanted in [0, 1, 2, 3, 5, 12, 16, 48] {
      for total in Set([0, 1, max(wanted - 1, 0), wanted, wanted + 1, 31, 32, 33, 500]) {
        for shape in shapes {
          let chosen = try strategy.selectKeyEvents(from: curve(shape(total)), count: wanted)
          #expect(chosen.count == min(wanted, total))
          #expect(Set(chosen).count == chosen.count && chosen == chosen.sorted())
          #expect(chosen.allSatisfy { (0..<total).contains($0) })
        }
      }
    }
  }

  @Test func `uniform takes the centres of equal bins`() throws {
    let flat = curve([Double?](repeating: 0, count: 10))
    #expect(try SelectionStrategy.uniform.selectKeyEvents(from: flat, count: 1) == [5])
    #expect(try SelectionStrategy.uniform.selectKeyEvents(from: flat, count: 5) == [1, 3, 5, 7, 9])
  }

  @Test func `topk takes the most relevant, the earlier of equals`() throws {
    let some = curve([0.5, 0.9, 0.5, 0.9, 0.5])
    #expect(try SelectionStrategy.topk.selectKeyEvents(from: some, count: 3) == [0, 1, 3])
  }

  @Test func `spread 0 is topk and spread 1 looks at time only`() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<50 {
      let some = curve((0..<40).map { _ in (random.nextUniform() * 8).rounded() })
      #expect(
        try SelectionStrategy.kess.selectKeyEvents(from: some, count: 7, spread: 0)
          == SelectionStrategy.topk.selectKeyEvents(from: some, count: 7))
    }
    let peaked = curve([0, 0, 0, 0, 0, 0, 0, 9, 9, 9])
    #expect(
      try SelectionStrategy.kess.selectKeyEvents(from: peaked, count: 1, spread: 1) == [5])
  }

  @Test func `kess follows the event and still covers the rest`() throws {
    let relevance = (0..<60).map { (40..<46).contains($0) ? 1.0 : 0.0 }
    let chosen = try SelectionStrategy.kess.selectKeyEvents(from: curve(relevance), count: 8)
    #expect(chosen.filter { (40..<46).contains($0) }.count >= 3)
    #expect(chosen.contains { $0 < 30 })
  }

  @Test func `unscored candidates come last and by coverage`() throws {
    let some = curve([nil, nil, nil, 1, nil, nil, nil, nil, nil, 2, nil])
    #expect(try SelectionStrategy.kess.selectKeyEvents(from: some, count: 2) == [3, 9])
    let three = try SelectionStrategy.topk.selectKeyEvents(from: some, count: 3)
    #expect(three == [3, 6, 9])
  }

  @Test func `a count below 0 and a spread outside 0 to 1 are usage errors`() {
    #expect(throws: KeyEventError.self) {
      try SelectionStrategy.kess.selectKeyEvents(from: curve([1]), count: -1)
    }
    #expect(throws: KeyEventError.self) {
      try SelectionStrategy.kess.selectKeyEvents(from: curve([1]), count: 1, spread: 1.5)
    }
  }
}
