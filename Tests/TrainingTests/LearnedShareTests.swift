import Detectors
import Records
import Testing
import Training

@Suite struct LearnedShareTests {
  /// A video whose own score and learned logit are given, of one snippet.
  private func video(_ prior: Float, _ learned: Float, _ isAnomalous: Bool) -> HeldOutVideo {
    HeldOutVideo(
      DetectorModel.Scores(
        anomaly: [0.5], logits: [prior + learned], prior: [prior], classes: nil),
      isAnomalous: isAnomalous, topKDivisor: 4)
  }

  /// Videos of which one part of the score tells the kinds apart in so many of ten cases.
  private func part(priorTells: Int, learnedTells: Int, seed: UInt64) -> [HeldOutVideo] {
    var generator = SeededGenerator(seed: seed)
    return (0..<40).map { place in
      let isAnomalous = place % 2 == 0
      let side: Float = isAnomalous ? 1 : -1
      func value(_ tells: Int) -> Float {
        (place / 2 % 10 < tells ? side : -side) + 0.1 * Float(generator.nextNormal())
      }
      return video(value(priorTells), 8 * value(learnedTells), isAnomalous)
    }
  }

  @Test("the share is the one that ranks held-out videos best")
  func best() {
    let learning = (0..<4).map { part(priorTells: 7, learnedTells: 10, seed: $0) }
    #expect(LearnedShare.best(of: learning).map { LearnedShare.candidates[$0] } == 0.25)
    let harmful = (0..<4).map { part(priorTells: 9, learnedTells: 5, seed: $0) }
    #expect(LearnedShare.best(of: harmful) == 0)
    #expect(ScoreCalibration(harmful, folds: 4).learnedShare == 0)
  }

  @Test("a smaller share stands for one that the parts do not tell apart from it")
  func ties() {
    // Learning helps much in one part, harms a little in another, and does nothing in two.
    let parts = zip([10, 6, 8, 8], [0, 1, 2, 3] as [UInt64]).map {
      part(priorTells: 8, learnedTells: $0, seed: $1)
    }
    #expect(LearnedShare.best(of: parts) == 0)
    // A single part has no standard error.
    #expect((LearnedShare.best(of: [parts[0]]) ?? 0) > 0)
  }

  @Test("videos of one kind say nothing, and features without a score have one reading")
  func oneKind() {
    let normal = [[video(0, 1, false), video(1, 0, false)]]
    #expect(LearnedShare.best(of: normal) == nil && LearnedShare.best(of: []) == nil)
    // What was learned counts then as it was trained.
    #expect(ScoreCalibration(normal, folds: nil).learnedShare == 1)
    let plain = HeldOutVideo(
      DetectorModel.Scores(anomaly: [0.5, 0.9], logits: [0, 2], prior: nil, classes: nil),
      isAnomalous: true, topKDivisor: 1)
    #expect(plain.readings.count == 1 && plain.readings[0].logit == 2)
    // Of two snippets, 2 / 1 + 1 are more than there are: the mean of both.
    #expect(abs(plain.readings[0].pooled - (0.5 + 0.880_797) / 2) < 1e-5)
    #expect(ScoreCalibration([[plain]], folds: 2).learnedShare == nil)
  }
}
