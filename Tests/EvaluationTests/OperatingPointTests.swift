import Evaluation
import Testing

@Suite struct OperatingPointTests {
  private func video(
    _ id: String, _ scores: [Float], events: [Range<Int>]? = nil, frames: Int? = nil
  ) -> ScoredVideo {
    ScoredVideo(
      id: id, scores: scores, frameCount: frames ?? scores.count * 16,
      classNames: [events == nil ? "Normal" : "Fighting"], isAnomalous: events != nil,
      events: events)
  }

  @Test("a normal video alarms by one snippet at the threshold, an event by one that overlaps it")
  func counts() throws {
    let videos = [
      video("a", [0.1, 0.5, 0.2]), video("b", [0.1, 0.499, 0.2]), video("c", [0.9, 0.9, 0.9]),
      // Found: frame 47 is in the third snippet. The second event is not: its snippets are low.
      video("d", [0, 0, 0.5, 0, 0], events: [47..<50, 64..<80]),
      // An alarm beside the event finds nothing.
      video("e", [0.9, 0, 0], events: [16..<32]),
    ]
    let point = try OperatingPoint(videos, threshold: 0.5)
    #expect(point.falseAlarms?.found == 2 && point.falseAlarms?.count == 3)
    #expect(point.events?.found == 1 && point.events?.count == 3)
    // Frames after the last whole snippet have its score; events beyond the video are none.
    let tail = try OperatingPoint(
      [video("t", [0, 0.7], events: [34..<36, 90..<99], frames: 38)], threshold: 0.7)
    #expect(tail.events?.found == 1 && tail.events?.count == 1 && tail.falseAlarms == nil)
    #expect(throws: EvaluationError.self) {
      try OperatingPoint([video("n", [.nan])], threshold: 0.5)
    }
  }

  @Test("Wilson's interval: scipy 1.17's binomtest(k, n).proportion_ci(method='wilson')")
  func wilson() {
    for (found, count, lower, upper) in [
      (3.0, 30, 0.03460, 0.25621), (0.0, 30, 0.0, 0.11351), (30.0, 30, 0.88649, 1.0),
      (12.0, 30, 0.24591, 0.57679),
    ] {
      let share = ObservedShare(found, of: count)
      #expect(abs(share.lower - lower) < 1e-5 && abs(share.upper - upper) < 1e-5, "\(share)")
    }
  }

  @Test("the mean over runs keeps the number of videos; other numbers have no mean")
  func mean() {
    let shares = [ObservedShare(3, of: 30), ObservedShare(4, of: 30)]
    #expect(ObservedShare.mean(of: shares) == ObservedShare(3.5, of: 30))
    #expect(ObservedShare.mean(of: [shares[0], ObservedShare(3, of: 29)]) == nil)
    #expect(ObservedShare.mean(of: []) == nil)
    #expect(
      ObservedShare(3.5, of: 30).text == "3.5 of 30 (12%, 95% interval 4% to 28%)")
  }
}
