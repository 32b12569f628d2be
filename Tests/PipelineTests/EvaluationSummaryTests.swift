import Evaluation
import Pipeline
import Records
import Tensors
import Testing

@Suite struct EvaluationSummaryTests {
  /// Ten videos whose events score higher than the rest by a margin.
  private func videos(margin: Float, seed: UInt64) -> [ScoredVideo] {
    var generator = SeededGenerator(seed: seed)
    return (0..<10).map { index in
      let isAnomalous = index % 2 == 0
      return ScoredVideo(
        id: "v\(index)",
        scores: (0..<6).map { step in
          Float(generator.nextUniform()) + (isAnomalous && step == 2 ? margin : 0)
        }, frameCount: 96, classNames: [isAnomalous ? "Fighting" : "Normal"],
        isAnomalous: isAnomalous, events: isAnomalous ? [32..<48] : [])
    }
  }

  /// Two variants; the margin of each seed's scores.
  private func summary(with: [Float], without: [Float], labels: Bool = false) throws
    -> EvaluationSummary
  {
    func runs(_ margins: [Float], variant: String, uses: Bool) throws -> [(
      run: EvaluationSummary.Run, result: EvaluationResult, videos: [ScoredVideo]
    )] {
      try margins.enumerated().map { seed, margin in
        let scored = videos(margin: margin, seed: UInt64(seed))
        return (
          .init(
            id: "\(variant)-\(seed)", variant: variant, label: variant.uppercased(),
            seed: UInt64(seed), usesDescriptions: uses, areaUnderROC: nil, averagePrecision: nil),
          try FrameEvaluation.evaluate(scored, resamples: 0), scored
        )
      }
    }
    return try EvaluationSummary(
      dataset: "d", split: "test",
      evaluated: try runs(with, variant: "dbvad", uses: true)
        + runs(without, variant: "dbvad-no-dbm", uses: labels))
  }

  @Test("it says plainly whether descriptions help, with the interval over videos")
  func finding() throws {
    let helped = try summary(with: [2, 2], without: [0, 0])
    let comparison = try #require(helped.comparisons.first)
    let interval = try #require(comparison.interval)
    #expect(comparison.variant == "dbvad" && comparison.base == "dbvad-no-dbm")
    #expect(interval.lower > 0 && interval.lower <= comparison.difference)
    #expect(comparison.seeds == 2 && comparison.betterSeeds == 2)
    #expect(comparison.sentence.contains("they help here"))
    #expect(comparison.sentence.contains("95% interval over videos +0."))
    #expect(try summary(with: [0, 0], without: [2, 2]).finding?.contains("do not help") == true)
    // Equal scores, one seed each way, or one seed alone prove nothing.
    #expect(
      try summary(with: [1, 1], without: [1, 1]).finding?.contains("no clear effect") == true)
    #expect(
      try summary(with: [2, 0], without: [0, 2]).finding?.contains("no clear effect") == true)
    #expect(try summary(with: [2], without: [0]).finding?.contains("no clear effect") == true)
    #expect(try summary(with: [2], without: []).finding == nil)
  }

  @Test("variants that both have descriptions are compared by their names")
  func others() throws {
    let summary = try summary(with: [0, 0], without: [2, 2], labels: true)
    #expect(summary.finding?.hasPrefix("DBVAD-NO-DBM against DBVAD: the frame AUC") == true)
    #expect(summary.finding?.hasSuffix("better here.") == true)
  }

  @Test("without class scores the table has no column for them, and there is no mAP@IoU")
  func plain() throws {
    let summary = try summary(with: [1], without: [0])
    #expect(summary.rowTitles == ["variant", "seeds", "frame AUC", "frame AP"])
    #expect(summary.rows.count == 2 && summary.rows.allSatisfy { $0.count == 4 })
    #expect(summary.segmentRows.isEmpty && summary.segmentClassRows(of: "dbvad").isEmpty)
    #expect(summary.segmentNote == nil && summary.segmentReason == nil)
  }

  /// Two videos with an event each and a normal one; the class scores are right by a margin.
  private func classified(_ margin: Float, names: [String] = ["Fighting"]) -> [ScoredVideo] {
    (0..<3).map { index in
      let kind = index == 2 ? 0 : 1 + index
      let rows = (0..<6).map { step -> [Float] in
        var row: [Float] = [0.5, 0.25, 0.25]
        if kind > 0, step == 2 || step == 3 {
          row[0] -= margin
          row[kind] += margin
        }
        return row
      }
      return ScoredVideo(
        id: "v\(index)", scores: rows.map { 1 - $0[0] },
        classScores: Tensor(shape: [6, 3], scalars: rows.flatMap(\.self)), frameCount: 96,
        classNames: kind == 0 ? ["Normal"] : kind == 1 ? names : ["Arson"],
        isAnomalous: kind > 0, events: kind > 0 ? [32..<64] : [])
    }
  }

  private func summary(of videos: [[ScoredVideo]]) throws -> EvaluationSummary {
    try EvaluationSummary(
      dataset: "d", split: "test",
      evaluated: videos.enumerated().map { seed, videos in
        (
          .init(
            id: "toy-\(seed)", variant: "toy", label: "Toy", seed: UInt64(seed),
            usesDescriptions: false, areaUnderROC: nil, averagePrecision: nil),
          try FrameEvaluation.evaluate(
            videos, classes: ["Normal", "Fighting", "Arson"], normalClass: "Normal", resamples: 0),
          videos
        )
      })
  }

  @Test("mAP@IoU is the mean over seeds, with the number of events beside each class")
  func segments() throws {
    let summary = try summary(of: [classified(0.25), classified(0.25)])
    #expect(summary.rows.map { $0[1] } == ["binary", "class"])
    #expect(summary.rows[1] == ["Toy", "class", "2", "1.0000 ± 0.0000", "1.0000 ± 0.0000"])
    #expect(summary.segmentTitles == ["mAP@IoU, %", "0.1", "0.2", "0.3", "0.4", "0.5", "AVG"])
    #expect(
      summary.segmentRows[0]
        == ["vadclip-legacy"] + [String](repeating: "66.67 ± 0.00", count: 6))
    #expect(
      summary.segmentRows[1]
        == ["fixed, abnormal videos"] + [String](repeating: "100.00 ± 0.00", count: 6))
    #expect(
      summary.segmentClassRows(of: "toy").map { $0.prefix(3) } == [
        ["Fighting", "1", "100.00 ± 0.00"], ["Arson", "1", "100.00 ± 0.00"],
      ])
    #expect(summary.segmentNote?.contains("without any event, so with 0") == true)
    // Constant scores propose nothing: the legacy form says so, ours is 0.
    let silent = try self.summary(of: [classified(0)])
    #expect(silent.segmentRows[0].suffix(6) == ["0.00", "0.00", "0.00", "0.00", "0.00", "0.00"])
    #expect(silent.segmentNote?.contains("has no proposal (Arson, Fighting, Normal)") == true)
  }

  @Test("events of unknown class give the reason in place of the table")
  func unknown() throws {
    let summary = try summary(of: [classified(0.25, names: ["Fighting", "Arson"])])
    #expect(summary.segmentRows.isEmpty && summary.runs[0].classAreaUnderROC == 1)
    #expect(summary.segmentReason?.hasPrefix("no mAP@IoU: 1 of 3 videos have several") == true)
  }

  @Test("the spread is the sample's standard deviation")
  func spread() {
    #expect(EvaluationSummary.meanAndSpread([0.8, 0.9, 1.0]) == "0.9000 ± 0.1000")
    #expect(EvaluationSummary.meanAndSpread([0.8]) == "0.8000")
    #expect(EvaluationSummary.meanAndSpread([]) == "not defined")
  }
}
