import KeySelection
import Records
import Testing

@Suite struct KeyEventTests {
  private func curve(_ relevance: [Double?]) -> RelevanceCurve {
    RelevanceCurve(
      timestamps: relevance.indices.map(Double.init), relevance: relevance,
      durationSeconds: Double(relevance.count))
  }

  private func noisy(_ count: Int, _ level: (Int) -> Double) -> [Double] {
    var random = SeededGenerator(seed: 11)
    return (0..<count).map { level($0) + 0.02 * random.nextNormal() }
  }

  @Test func `a flat curve and an unscored one hold no event`() {
    for values in [[Double?](repeating: 3, count: 40), [Double?](repeating: nil, count: 40), []] {
      let events = KeyEvent.segment(curve(values))
      #expect(events.isEmpty)
    }
  }

  @Test func `a plateau is one event with its own ends and its peak`() throws {
    var values = noisy(60) { (20..<30).contains($0) ? 5 : 1 }
    values[24] = 5.5
    let events = KeyEvent.segment(curve(values))
    let event = try #require(events.first)
    #expect(events.count == 1)
    #expect([event.firstCandidate, event.peakCandidate, event.lastCandidate] == [20, 24, 29])
    #expect([event.startSeconds, event.peakSeconds, event.endSeconds] == [20, 24, 29])
  }

  @Test func `two bumps are two events, the larger one with more mass`() {
    let values = noisy(100) {
      (20..<26).contains($0) ? 4 : (70..<82).contains($0) ? 8 : 1
    }
    let events = KeyEvent.segment(curve(values))
    #expect(events.map(\.number) == [1, 2])
    #expect(events[0].mass < events[1].mass)
  }

  @Test func `a single spike is an event of one candidate`() throws {
    let events = KeyEvent.segment(curve((0..<40).map { $0 == 17 ? 1 : 0 }))
    let event = try #require(events.first)
    #expect(events.map(\.firstCandidate) == [17] && event.lastCandidate == 17)
  }

  @Test func `an event keeps its places in the curve when candidates before it are unscored`() {
    var values: [Double?] = (0..<40).map { (30..<34).contains($0) ? 1 : 0 }
    values[3] = nil
    values[4] = nil
    let events = KeyEvent.segment(curve(values))
    #expect(events.map(\.firstCandidate) == [30] && events.map(\.lastCandidate) == [33])
  }

  @Test func `a curve of 20,000 candidates is cut as well`() {
    let values = noisy(20_000) { (9000..<9400).contains($0) ? 2 : 1 }
    let events = KeyEvent.segment(curve(values))
    #expect(events.count == 1)
    #expect(abs(events[0].firstCandidate - 9000) < 10)
  }

  @Test func `roles follow the event: onset, peak, aftermath, and context elsewhere`() {
    let values = (0..<60).map { place -> Double in
      switch place {
      case 30..<34: 0.5
      case 34: 1
      case 35..<38: 0.6
      default: 0
      }
    }
    let some = curve(values)
    let events = KeyEvent.segment(some)
    #expect(events.map(\.firstCandidate) == [30] && events.map(\.lastCandidate) == [37])
    #expect(events.map(\.onset) == [30...33] && events.map(\.peak) == [34...34])
    #expect(events.map(\.aftermath) == [35...37])
    let roles = RoleAssignment.assign([5, 29, 31, 34, 36, 42, 55], in: some, events: events)
    #expect(
      roles.map(\.role) == [.context, .context, .onset, .peak, .aftermath, .context, .context])
    #expect(roles.map(\.event) == [nil, nil, 1, 1, 1, nil, nil])
    #expect(roles[3].reason == "peak of event 1, relevance 1.000")
    #expect(roles[2].reason == "onset of event 1, 3.0 s before its peak, relevance 0.500")
    #expect(roles[0].reason == "context: covers 0.0 s to 29.0 s, relevance 0.000")
  }

  @Test func `an event of one level has the candidate before it as onset, its echo as aftermath`()
    throws
  {
    let event = try #require(
      KeyEvent.segment(curve((0..<60).map { (20..<24).contains($0) ? 1 : 0 })).first)
    #expect(event.onset == 19...19 && event.peak == 20...23 && event.aftermath == 24...26)
    let roles = RoleAssignment.assign(
      [19, 20, 22, 25, 27], in: curve((0..<60).map { (20..<24).contains($0) ? 1 : 0 }),
      events: [event])
    #expect(roles.map(\.role) == [.onset, .peak, .peak, .aftermath, .context])
    #expect(roles[2].reason == "height of event 1, 2.0 s after its peak, relevance 1.000")
  }

  @Test func `stages of neighbouring events do not overlap, and lie within the curve`() {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<200 {
      let count = 1 + Int(random.next() % 40)
      let values: [Double?] = (0..<count).map { _ in
        let level = Double(random.next() % 4)
        return level == 3 ? nil : level
      }
      var last = -1
      for event in KeyEvent.segment(curve(values)) {
        for stage in [event.onset, event.peak, event.aftermath].compactMap({ $0 }) {
          #expect(stage.lowerBound > last && stage.upperBound < count)
          #expect(values[stage.lowerBound] != nil && values[stage.upperBound] != nil)
          last = stage.upperBound
        }
        #expect(event.peak.contains(event.peakCandidate))
      }
    }
  }

  @Test func `a gap of one candidate between two events is the first one's aftermath`() {
    let values = (0..<40).map { (10..<13).contains($0) || (14..<17).contains($0) ? 1.0 : 0.0 }
    let events = KeyEvent.segment(curve(values))
    #expect(events.map(\.aftermath) == [13...13, 17...18])
    #expect(events.map(\.onset) == [9...9, nil])
  }

  @Test func `a reason names the prompt that the relevance comes from`() {
    let some = curve([0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    let roles = RoleAssignment.assign(
      [4], in: some, events: KeyEvent.segment(some),
      prompts: [String?](repeating: "a video of a fight", count: 10))
    #expect(roles[0].reason == "peak of event 1, relevance 1.000 from 'a video of a fight'")
  }
}
