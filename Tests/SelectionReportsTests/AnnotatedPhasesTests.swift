import SelectionReports
import Testing

@Suite struct AnnotatedPhasesTests {
  @Test("an interval of 8 s has a margin of 4 s and a first quarter of 2 s")
  func windows() {
    let phases = AnnotatedPhases.windows(of: [20..<28], durationSeconds: 60)
    #expect(phases.map(\.onset) == [16..<22])
    #expect(phases.map(\.peak) == [22..<28])
    #expect(phases.map(\.aftermath) == [28..<32])
  }

  @Test("margins lie between 1 s and 10 s")
  func margins() {
    #expect(
      AnnotatedPhases.windows(of: [5..<6], durationSeconds: 60)[0].aftermath == 6..<7)
    #expect(
      AnnotatedPhases.windows(of: [20..<100], durationSeconds: 200)[0].onset == 10..<40)
  }

  @Test("windows end at the video's ends and half-way to the next interval")
  func cuts() {
    let phases = AnnotatedPhases.windows(of: [1..<9, 11..<20], durationSeconds: 20)
    #expect(phases[0].onset == 0..<3)
    #expect(phases[0].aftermath == 9..<10)
    #expect(phases[1].onset == 10..<13.25)
    #expect(phases[1].aftermath == nil)
  }

  @Test("frame ranges become seconds: cut, joined where they overlap, empty ones dropped")
  func intervals() {
    let intervals = AnnotatedPhases.intervals(
      ofFrames: [50..<100, 25..<60, 240..<400, 300..<310], frameRate: 25, durationSeconds: 10)
    #expect(intervals == [1..<4, 9.6..<10])
  }
}
