import KeySelection
import Records
import TestSupport
import Testing

@Suite(.blocking) struct SelectionStrategyTests {
  private func curve(
    _ relevance: [Double?], step: Double = 1, embeddings: [[Float]?] = []
  ) -> RelevanceCurve {
    RelevanceCurve(
      timestamps: relevance.indices.map { Double($0) * step }, relevance: relevance,
      durationSeconds: Double(relevance.count) * step, embeddings: embeddings)
  }

  private func chosen(
    _ strategy: SelectionStrategy, _ curve: RelevanceCurve, _ frames: Int,
    _ parameters: SelectionParameters = SelectionParameters()
  ) throws -> [Int] {
    try CurveSelection(of: curve, frames: frames, strategy: strategy, parameters: parameters).chosen
  }

  private let shapes: [@Sendable (Int) -> [Double?]] = [
    { count in [Double?](repeating: 0.3, count: count) },
    { count in [Double?](repeating: nil, count: count) },
    { count in [Double?](repeating: .nan, count: count) },
    { count in (0..<count).map { $0 == count / 2 ? 1 : 0 } },
    { count in (0..<count).map { $0 == 0 ? 1 : 0 } },
    { count in (0..<count).map { $0 == count - 1 ? 1 : 0 } },
    { count in (0..<count).map { $0 == 1 || $0 == count - 2 ? 1 : 0 } },
    { count in (0..<count).map { -Double($0 * 7919 % 101) } },
    { count in (0..<count).map { $0 % 3 == 0 ? nil : Double($0 % 5) } },
    { count in (0..<count).map { $0 == 0 ? 1e308 : -1e308 } },
    { count in (0..<count).map(Double.init) },
  ]

  /// Looks that repeat, are all the same, or are missing in part.
  private let looks: [@Sendable (Int) -> [Float]?] = [
    { place in [Float(place % 7), 1, Float(place % 3)] },
    { _ in [1, 0, 0] },
    { place in place % 4 == 1 ? nil : [1, Float(place), 0] },
  ]

  @Test(arguments: SelectionStrategy.allCases.filter(\.alwaysGivesCount))
  func `gives exactly min(k, N) distinct frames in time order for every curve`(
    strategy: SelectionStrategy
  ) throws {
    for wanted in [0, 1, 2, 3, 5, 12, 16, 48] {
      for total in Set([0, 1, max(wanted - 1, 0), wanted, wanted + 1, 31, 32, 33, 1000]) {
        for (number, shape) in shapes.enumerated() {
          // A thousand candidates with looks are many comparisons: one look each.
          let look = looks[number % looks.count]
          let some = curve(
            shape(total), embeddings: strategy.needsEmbeddings ? (0..<total).map(look) : [])
          let chosen = try chosen(strategy, some, wanted)
          #expect(chosen.count == min(wanted, total))
          #expect(Set(chosen).count == chosen.count && chosen == chosen.sorted())
          #expect(chosen.allSatisfy { (0..<total).contains($0) })
        }
      }
    }
  }

  @Test func `uniform takes the centres of equal bins`() throws {
    let flat = curve([Double?](repeating: 0, count: 10))
    #expect(try chosen(.uniform, flat, 1) == [5])
    #expect(try chosen(.uniform, flat, 5) == [1, 3, 5, 7, 9])
  }

  @Test func `topk takes the most relevant, the earlier of equals`() throws {
    #expect(try chosen(.topk, curve([0.5, 0.9, 0.5, 0.9, 0.5]), 3) == [0, 1, 3])
  }

  @Test func `spread 0 is topk and spread 1 looks at time only`() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<50 {
      let some = curve((0..<40).map { _ in (random.nextUniform() * 8).rounded() })
      #expect(
        try chosen(.kess, some, 7, SelectionParameters(spread: 0)) == chosen(.topk, some, 7))
    }
    let peaked = curve([0, 0, 0, 0, 0, 0, 0, 9, 9, 9])
    #expect(try chosen(.kess, peaked, 1, SelectionParameters(spread: 1)) == [5])
  }

  @Test func `kess follows the event and still covers the rest`() throws {
    let relevance = (0..<60).map { (40..<46).contains($0) ? 1.0 : 0.0 }
    let chosen = try chosen(.kess, curve(relevance), 8)
    // From the onset to the end of the aftermath: half the frames in a fifth of the time.
    #expect(chosen.filter { (39...51).contains($0) }.count >= 4)
    #expect(chosen.contains { $0 < 30 })
  }

  @Test func `unscored candidates come last and by coverage`() throws {
    let some = curve([nil, nil, nil, 1, nil, nil, nil, nil, nil, 2, nil])
    for strategy in [SelectionStrategy.kess, .topk, .aks, .bolt] {
      #expect(try chosen(strategy, some, 2) == [3, 9])
      #expect(try chosen(strategy, some, 3) == [3, 6, 9])
    }
  }

  @Test func `aks gives a half that it splits off half the frames`() throws {
    // No segment's best stand out by 0.8, so 4 frames go to quarters: one each.
    let some = curve((0..<16).map { Double($0 % 4 == 2 ? 1 : $0 % 2) })
    #expect(try chosen(.aks, some, 4) == [1, 5, 9, 13])
    // 5 frames: 3 to the left half, of which 2 to its left.
    #expect(try chosen(.aks, some, 5) == [1, 2, 5, 9, 13])
  }

  @Test func `aks keeps a segment whole whose best stand out by more than 0.8`() throws {
    let some = curve((0..<64).map { [9, 10, 11].contains($0) ? 1 : 0 })
    #expect(try chosen(.aks, some, 3) == [9, 10, 11])
  }

  @Test func `a flat curve is sampled uniformly by aks and bolt`() throws {
    let flat = curve([Double?](repeating: 2, count: 33))
    for frames in [1, 7, 33] {
      let even = try chosen(.uniform, flat, frames)
      #expect(try chosen(.aks, flat, frames) == even && chosen(.bolt, flat, frames) == even)
    }
  }

  @Test func `bolt takes equal steps of the sharpened mass`() throws {
    // r^1 = 0, 1/4, 1/2, 3/4, 1 with sum 2.5; probes at 0.625 and 1.875.
    let some = curve([0, 1, 2, 3, 4])
    #expect(try chosen(.bolt, some, 2, SelectionParameters(power: 1)) == [2, 4])
    // r^3 = 0, 1, 8, 27, 64 of 64 with sum 100; probes at 25 and 75.
    #expect(try chosen(.bolt, some, 2, SelectionParameters(power: 3)) == [3, 4])
  }

  @Test func `bolt gives the nearest free frame where one is taken, the earlier of two`() throws {
    let spike = curve((0..<11).map { $0 == 5 ? 1 : 0 })
    #expect(try chosen(.bolt, spike, 3) == [4, 5, 6])
    #expect(try chosen(.bolt, spike, 4) == [3, 4, 5, 6])
    let first = curve((0..<11).map { $0 == 0 ? 1 : 0 })
    #expect(try chosen(.bolt, first, 4) == [0, 1, 2, 3])
  }

  @Test func `parameters that a strategy reads are in its selection, others are not`() throws {
    let some = curve([0, 1, 2, 1], embeddings: [[1, 0], [0, 1], [1, 1], [1, 0]])
    let names = try SelectionStrategy.allCases.map { strategy in
      try CurveSelection(of: some, frames: 2, strategy: strategy).parameters.keys.sorted()
    }
    #expect(
      names == [
        ["spread"], [], [], [], ["depth", "t1", "t2"], ["depth", "t1", "t2"], ["power"],
        ["coverageWeight", "decaySeconds", "relevanceWeight", "timeWeight"],
      ])
  }

  @Test func `settings out of range and missing embeddings are usage errors`() {
    let some = curve([1, 2])
    for parameters in [
      SelectionParameters(spread: 1.5), SelectionParameters(spread: .nan),
      SelectionParameters(power: 0), SelectionParameters(relevanceWeight: -1),
      SelectionParameters(coverageWeight: .infinity), SelectionParameters(timeWeight: 2),
      SelectionParameters(decaySeconds: 0),
    ] {
      #expect(throws: KeySelectionError.self) { try chosen(.uniform, some, 1, parameters) }
    }
    #expect(throws: KeySelectionError.self) { try chosen(.kess, some, -1) }
    let error = #expect(throws: KeySelectionError.self) { try chosen(.facilityLocation, some, 1) }
    #expect(error?.failureKind == .usage)
  }
}
