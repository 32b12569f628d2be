import KeyEvents
import SelectionReports
import Testing

@Suite struct SelectionEvaluationTests {
  /// Ten candidates at 0...9 s; the scorer points at `spike`, the event is 6 to 8 s.
  private func video(_ id: String, spike: Int) -> AnnotatedCurve {
    AnnotatedCurve(
      id: id, className: "A, \"B\"",
      curve: RelevanceCurve(
        timestamps: (0..<10).map(Double.init),
        relevance: (0..<10).map { $0 == spike ? 1 : 0.001 * Double(10 - $0) },
        durationSeconds: 10, embeddings: (0..<10).map { [Float($0), 1] }),
      intervals: [6..<8])
  }

  @Test("a mean over videos, and its paired difference from uniform")
  func means() throws {
    // k = 1: uniform takes candidate 5, never in [6, 8); topk the spike.
    let evaluation = SelectionEvaluation(
      of: [video("a", spike: 6), video("b", spike: 7), video("c", spike: 1), video("d", spike: 7)],
      strategies: [.uniform, .topk], frames: [1], resamples: 200, seed: 3)
    #expect(evaluation.videos == 4)
    let uniform = try #require(evaluation.lines.first { $0.strategy == .uniform })
    #expect(uniform.figure(.eventRecall)?.mean == 0)
    #expect(uniform.figure(.eventRecall)?.difference == nil)
    // Onset is [5, 6.5): candidate 5 is in it.
    #expect(uniform.figure(.onset)?.mean == 1)
    let top = try #require(evaluation.lines.first { $0.strategy == .topk })
    #expect(top.figure(.eventRecall)?.mean == 0.75)
    #expect(top.figure(.eventRecall)?.difference == 0.75)
    #expect(top.figure(.onset)?.mean == 0.25)
    #expect(top.figure(.peak)?.mean == 0.5)
    #expect(top.figure(.aftermath)?.mean == 0)
    #expect(top.figure(.onset)?.directionAgainstUniform == -1)
    // One frame has no neighbour.
    #expect(top.figure(.nearestSpacing) == nil)
    #expect(evaluation.lines.map(\.shortVideos) == [0, 0])
  }

  @Test("a strategy that cannot run says why, one that gives too few frames is counted")
  func failures() throws {
    var bare = video("a", spike: 6)
    bare = AnnotatedCurve(
      id: bare.id, className: bare.className,
      curve: RelevanceCurve(
        timestamps: bare.curve.timestamps, relevance: bare.curve.relevance, durationSeconds: 10),
      intervals: bare.intervals)
    let evaluation = SelectionEvaluation(
      of: [bare], strategies: [.facilityLocation, .aksCompat], frames: [4], resamples: 10)
    #expect(evaluation.lines[0].failure?.contains("embedding") == true)
    #expect(evaluation.lines[0].figures.isEmpty)
    #expect(evaluation.lines[1].shortVideos == 1)
  }

  @Test("the same seed gives the same intervals, all within the values' range")
  func intervals() throws {
    let videos = (0..<6).map { video("\($0)", spike: $0 + 2) }
    func run(_ seed: UInt64) -> SelectionEvaluation {
      SelectionEvaluation(
        of: videos, strategies: [.topk], frames: [1], resamples: 300, seed: seed)
    }
    let figure = try #require(run(1).lines[0].figure(.eventRecall))
    #expect(figure.mean == 2.0 / 6)
    let interval = try #require(figure.interval)
    #expect(interval.lower >= 0 && interval.lower < 2.0 / 6 && interval.upper > 2.0 / 6)
    #expect(interval.resamples == 300)
    #expect(run(1).lines == run(1).lines)
  }

  @Test("the CSV has a line a video, strategy and number of frames, quoted")
  func csv() {
    let evaluation = SelectionEvaluation(
      of: [video("a", spike: 6)], strategies: [.uniform, .topk], frames: [1, 2],
      resamples: 10)
    let lines = evaluation.csv.split(separator: "\r\n")
    #expect(
      lines[0] == "video,class,strategy,frames,returned,events,recall,onset,peak,aftermath,"
        + "spacing,redundancy")
    #expect(lines.count == 5)
    #expect(lines[2] == "a,\"A, \"\"B\"\"\",topk,1,1,1,1.0,1.0,0.0,0.0,,")
  }
}
