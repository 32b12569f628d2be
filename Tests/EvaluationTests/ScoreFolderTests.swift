import Evaluation
import Foundation
import Records
import TestSupport
import Testing

@Suite struct ScoreFolderTests {
  @Test func `what is written is read back and evaluates the same`() throws {
    let folder = try TemporaryFolder()
    let sidecar = ScoreSidecar(
      run: "r1", dataset: "demo", split: "test",
      videos: [
        .init(
          id: "a", scores: "a.npy", frameCount: 35, className: "Fighting", isAnomalous: true,
          events: [20..<30]),
        .init(
          id: "b", scores: "b.npy", frameCount: 16, className: "Normal", isAnomalous: false,
          events: []),
        .init(
          id: "c", scores: "c.npy", frameCount: 16, className: nil, isAnomalous: nil, events: nil),
      ])
    let scores: [[Float]] = [[0.25, 0.75], [0.5], [0.125]]
    try ScoreFolder.write(sidecar, scores: scores, to: folder.file("scores/r1"))
    let back = try ScoreFolder.read(folder.file("scores/r1"))
    #expect(back.sidecar == sidecar && back.scores == scores)
    let result = try FrameEvaluation.evaluate(
      ScoreFolder.scoredVideos(back.sidecar, scores: back.scores), resamples: 0)
    #expect(result.videoCount == 2 && result.frameCount == 51 && result.positiveFrameCount == 10)
    // 10 positives score 0.75; so do 9 of the 41 negatives.
    #expect(result.areaUnderROC.value == (32.0 + 9.0 / 2) / 41)
  }

  @Test func `another format is refused`() throws {
    let folder = try TemporaryFolder()
    var sidecar = ScoreSidecar(run: "r", dataset: "d", split: nil, videos: [])
    sidecar.format = 9
    try JSONRecord.write(sidecar, to: folder.file("scores.json"))
    #expect(throws: RecordError.self) { try ScoreFolder.read(folder.url) }
  }
}
