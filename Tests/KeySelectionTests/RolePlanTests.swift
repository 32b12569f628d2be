import KeySelection
import Records
import Testing

@Suite struct RolePlanTests {
  private func curve(_ relevance: [Double?]) -> RelevanceCurve {
    RelevanceCurve(
      timestamps: relevance.indices.map(Double.init), relevance: relevance,
      durationSeconds: Double(relevance.count))
  }

  /// A crash at 20 to 24 s, after cars that brake from 17 s on, and the jam that it
  /// leaves, less relevant than the crash, from 25 to 39 s.
  private var crash: RelevanceCurve {
    curve(
      (0..<60).map {
        switch $0 {
        case 17..<20: 0.45
        case 20..<25: 1 - 0.01 * Double($0 - 20)
        case 25..<40: 0.4
        default: 0.05
        }
      })
  }

  private func kess(
    _ curve: RelevanceCurve, _ frames: Int, spread: Double = 0.5
  ) throws -> CurveSelection {
    try CurveSelection(
      of: curve, frames: frames, strategy: .kess, parameters: SelectionParameters(spread: spread))
  }

  @Test
  func `the traffic disruption after a crash is covered, which the most relevant frames miss`()
    throws
  {
    let most = try CurveSelection(of: crash, frames: 4, strategy: .topk)
    #expect(most.chosen == [20, 21, 22, 23])
    #expect(most.rolePlan.missing.map(\.role) == [.aftermath, .onset])
    #expect(most.notes.count == 1 && most.notes[0].contains("aftermath or the onset of event 1"))
    for spread in [0.01, 0.1, 0.5, 0.9] {
      for frames in [3, 4, 8] {
        let selection = try kess(crash, frames, spread: spread)
        #expect(selection.chosen.contains(20))
        #expect(selection.chosen.contains { (25..<40).contains($0) })
        #expect(selection.chosen.contains { (17..<20).contains($0) })
        #expect(selection.rolePlan.missing.isEmpty && selection.notes.isEmpty)
        let roles = Set(selection.assignments.map(\.role))
        #expect(roles.isSuperset(of: [.onset, .peak, .aftermath]))
      }
    }
  }

  @Test func `peak comes first, then aftermath; what is left out is said`() throws {
    let one = try kess(crash, 1)
    #expect(one.chosen == [20] && one.rolePlan.bound.map(\.role) == [.peak])
    #expect(one.rolePlan.missing.map(\.role) == [.aftermath, .onset])
    #expect(
      one.notes == [
        "no frame shows the aftermath or the onset of event 1, the one with the most mass: "
          + "its three stages take 3 frames"
      ])
    let two = try kess(crash, 2)
    #expect(two.rolePlan.bound.map(\.role) == [.peak, .aftermath])
    #expect(two.chosen.contains(20) && two.chosen.contains { (25..<40).contains($0) })
    #expect(two.rolePlan.missing.map(\.role) == [.onset])
  }

  @Test func `at the ends of the dial roles are only reported`() throws {
    let most = try kess(crash, 3, spread: 0)
    #expect(most.chosen == [20, 21, 22] && most.rolePlan.bound.isEmpty)
    let even = try kess(crash, 2, spread: 1)
    #expect(even.chosen == [20, 40] && even.rolePlan.bound.isEmpty)
  }

  @Test func `further events get their peaks by mass, up to half the frames`() throws {
    // Events of 2, 6 and 4 candidates.
    let values = (0..<90).map { place -> Double in
      switch place {
      case 10..<12, 40..<46, 70..<74: 1
      default: 0
      }
    }
    let events = KeyEvent.segment(curve(values))
    #expect(events.count == 3)
    let ranked = RoleDemand.ranked(of: events)
    #expect(ranked.map(\.event) == [2, 2, 2, 3, 1])
    #expect(ranked.map(\.role) == [.peak, .aftermath, .onset, .peak, .peak])
    for (count, bound) in [(2, 2), (3, 3), (7, 3), (8, 4), (10, 5), (40, 5)] {
      #expect(RolePlan.bound(by: events, count: count).count == bound)
    }
  }

  @Test func `a selection is the best of all sets that show what is bound`() throws {
    var random = SeededGenerator(seed: 12)
    var withRoles = 0
    for _ in 0..<150 {
      let total = 6 + Int(random.next() % 8)
      let count = 1 + Int(random.next() % 5)
      // A build-up, a peak and an aftermath of random lengths, somewhere.
      let stages = (0..<3).map { _ in Int(random.next() % 4) }
      let start = Int(random.next() % 4)
      let levels = [(start, 0.0), (stages[0], 0.5), (1 + stages[1], 1), (stages[2], 0.6)]
        .flatMap { [Double](repeating: $0.1, count: $0.0) }
      let some = curve(
        (0..<total).map { place in
          (place < levels.count ? levels[place] : 0) + 0.1 * random.nextUniform()
        })
      let spread = random.nextUniform(in: 0.05..<0.95)
      let selection = try kess(some, count, spread: spread)
      let windows = selection.rolePlan.bound.map(\.candidates)
      withRoles += windows.count > 1 ? 1 : 0
      let objective = SpreadObjective(
        timestamps: some.timestamps, relevance: some.normalised().map { $0 ?? 0 },
        durationSeconds: some.durationSeconds, spread: spread)
      var best: (value: Double, set: [Int]) = (-.infinity, [])
      for mask in 0..<(1 << total) where mask.nonzeroBitCount == count {
        let set = (0..<total).filter { mask & (1 << $0) != 0 }
        guard windows.allSatisfy({ window in set.contains { window.contains($0) } }) else {
          continue
        }
        let value = objective.value(of: set)
        let isEarlier = abs(value - best.value) <= 1e-12 && set.lexicographicallyPrecedes(best.set)
        if value > best.value + 1e-12 || isEarlier { best = (value, set) }
      }
      #expect(selection.chosen == best.set)
      #expect(abs((selection.objectiveValue ?? 0) - best.value) < 1e-12)
    }
    #expect(withRoles > 75)
  }
}
