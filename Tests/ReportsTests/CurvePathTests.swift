import Reports
import Testing

@Suite struct StepCurvePathTests {
  @Test("two snippets are two steps, joined by a vertical")
  func steps() {
    let path = StepCurvePath(
      scores: [
        ReportScore(startSeconds: 0, endSeconds: 2, score: 0.25),
        ReportScore(startSeconds: 2, endSeconds: 4, score: 1),
      ], durationSeconds: 4)
    #expect(path.line == "M0 75H500V0H1000")
    #expect(path.area == "M0 100V75H500V0H1000V100Z")
  }

  @Test("a gap between snippets breaks the line and closes the area")
  func gap() {
    let path = StepCurvePath(
      scores: [
        ReportScore(startSeconds: 0, endSeconds: 1, score: 0.5),
        ReportScore(startSeconds: 3, endSeconds: 4, score: 0),
      ], durationSeconds: 4)
    #expect(path.line == "M0 50H250M750 100H1000")
    #expect(path.area == "M0 100V50H250V100ZM750 100V100H1000V100Z")
  }

  @Test("no scores are no path")
  func empty() {
    #expect(StepCurvePath(scores: [], durationSeconds: 4).line.isEmpty)
  }
}
