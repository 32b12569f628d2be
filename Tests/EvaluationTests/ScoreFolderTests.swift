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

  @Test func `another format is refused`() throws {
    let folder = try TemporaryFolder()
    try JSONRecord.write(["format": 9], to: folder.file("scores.json"))
    #expect(throws: RecordError.self) { try ScoreFolder(reading: folder.url) }
  }
}
