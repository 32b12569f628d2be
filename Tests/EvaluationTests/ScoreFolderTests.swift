import Evaluation
import Foundation
import Records
import Tensors
import TestSupport
import Testing

@Suite struct ScoreFolderTests {
  @Test func `what is written is read back and evaluates the same`() throws {
    let folder = try TemporaryFolder()
    let written = ScoreFolder(
      run: "r1", dataset: "demo", split: "test", classes: ["Normal", "Fighting"],
      videos: [
        ScoredVideo(
          id: "a", scores: [0.25, 0.75],
          classScores: Tensor(shape: [2, 2], scalars: [0.75, 0.25, 0.25, 0.75]), frameCount: 35,
          frameRate: 25, classNames: ["Fighting", "Riot"], isAnomalous: true, events: [20..<30]),
        ScoredVideo(
          id: "b", scores: [0.5], frameCount: 16, classNames: ["Normal"], isAnomalous: false,
          events: []),
        ScoredVideo(id: "c", scores: [0.125], frameCount: 16),
      ])
    try written.write(to: folder.file("scores/r1"))
    let back = try ScoreFolder(reading: folder.file("scores/r1"))
    #expect(back == written)
    let result = try FrameEvaluation.evaluate(
      back.videos.filter { $0.isAnomalous != nil }, resamples: 0)
    #expect(result.videoCount == 2 && result.frameCount == 51 && result.positiveFrameCount == 10)
    // 10 positives score 0.75; so do 9 of the 41 negatives.
    #expect(result.areaUnderROC.value == (32.0 + 9.0 / 2) / 41)
  }

  @Test func `scores of classes evaluate the same from the files`() throws {
    let folder = try TemporaryFolder()
    func video(_ id: String, _ names: [String], _ events: [ClassEvent]) -> ScoredVideo {
      let rows = (0..<6).map { step -> [Float] in
        let inside = events.contains { $0.frames.contains(16 * step) }
        let shift = Float((step * 7 + id.utf8.count * 3) % 5) / 40
        return inside ? [0.1, 0.6 + shift, 0.3 - shift] : [0.7 - shift, 0.1 + shift, 0.2]
      }
      return ScoredVideo(
        id: id, scores: rows.map { 1 - $0[0] },
        classScores: Tensor(shape: [6, 3], scalars: rows.flatMap(\.self)), frameCount: 99,
        frameRate: 25, classNames: names, isAnomalous: names != ["Normal"],
        events: events.map(\.frames), classEvents: names.count > 1 ? events : nil)
    }
    let written = ScoreFolder(
      run: "r1", dataset: "xd", split: "test", classes: ["Normal", "Riot", "Abuse"],
      normalClass: "Normal", legacyTruth: LegacyTruth(hasNormalEvents: true),
      videos: [
        video(
          "aa", ["Riot", "Abuse"],
          [
            ClassEvent(className: "Riot", frames: 16..<48),
            ClassEvent(className: "Abuse", frames: 40..<64),
          ]),
        video("b", ["Riot"], [ClassEvent(className: "Riot", frames: 32..<64)]),
        video("ccc", ["Normal"], []),
      ])
    try written.write(to: folder.url)
    let back = try ScoreFolder(reading: folder.url)
    #expect(back == written)
    let result = try written.evaluate(resamples: 30)
    #expect(try back.evaluate(resamples: 30) == result)
    #expect(result.segments?.legacy.truth.hasNormalEvents == true)
    #expect(result.segments?.legacy.population.classes.map(\.eventCount) == [1, 2, 1])
    #expect(result.classScores?.areaUnderROC.value == result.areaUnderROC.value)

    try Npy.write(
      Tensor(shape: [6, 2], scalars: [Float](repeating: 0.5, count: 12)),
      to: folder.file("b.classes.npy"))
    #expect {
      try ScoreFolder(reading: folder.url)
    } throws: { "\($0)".hasPrefix("b: class scores of 2 columns, expected 3") }
  }

  @Test func `another format is refused`() throws {
    let folder = try TemporaryFolder()
    try JSONRecord.write(["format": 9], to: folder.file("scores.json"))
    #expect(throws: RecordError.self) { try ScoreFolder(reading: folder.url) }
  }
}
