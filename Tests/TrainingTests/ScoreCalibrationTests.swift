import Foundation
import Records
import Testing
import Training

@Suite struct ScoreCalibrationTests {
  private func videos(normal: [Float], abnormal: [Float]) -> [ScoreCalibration.Video] {
    normal.map { .init(logit: $0, isAnomalous: false) }
      + abnormal.map { .init(logit: $0, isAnomalous: true) }
  }

  private func random(_ count: Int, seed: UInt64, shift: Double = 0) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(generator.nextNormal() + shift) }
  }

  @Test("at most the rate of the normal videos reaches the threshold", arguments: 9...70)
  func rateIsKept(count: Int) throws {
    let normal = random(count, seed: UInt64(count))
    let fit = ScoreCalibration(videos(normal: normal, abnormal: random(5, seed: 3, shift: 2)))
    let threshold = try #require(fit.threshold)
    let scores = normal.map(fit.score)
    let alarms = scores.count { $0 >= threshold }
    #expect(fit.falseAlarms == alarms && Double(alarms) <= 0.1 * Double(count))
    // No higher than needed: one more alarm would break the promise for a further video.
    let least = scores.filter { $0 < threshold }.max() ?? 0
    #expect(threshold == least.nextUp)
    #expect(Double(alarms + 2) / Double(count + 1) > 0.1)
  }

  @Test("a further normal video of the same kind exceeds it once in ten times or less")
  func furtherVideos() {
    var exceeded = 0
    for trial in 0..<2000 {
      let logits = random(40, seed: UInt64(trial))
      let fit = ScoreCalibration(videos(normal: Array(logits.dropLast()), abnormal: [1, 2]))
      if let threshold = fit.threshold, fit.score(of: logits[39]) >= threshold { exceeded += 1 }
    }
    // 4 of 40 is the expected share; four standard errors are 0.027.
    #expect(abs(Double(exceeded) / 2000 - 0.1) < 0.027)
  }

  @Test("equal scores stay below together, and those that a logistic function rounds to 1 do not")
  func ties() throws {
    let fit = ScoreCalibration(
      videos(normal: [3] + [Float](repeating: 1, count: 29), abnormal: [3]))
    #expect(fit.threshold == fit.score(of: 1).nextUp && fit.falseAlarms == 1)
    let equal = ScoreCalibration(videos(normal: [Float](repeating: 1, count: 30), abnormal: [1]))
    #expect(equal.threshold == equal.score(of: 1).nextUp && equal.falseAlarms == 0)
    // Logits of 20 and more are all 1 in single precision without a calibration.
    let sure = videos(
      normal: random(40, seed: 1, shift: 30), abnormal: random(40, seed: 2, shift: 31))
    let calibrated = ScoreCalibration(sure)
    #expect(calibrated.falseAlarms == 3)
    #expect(calibrated.score(of: 30) < calibrated.score(of: 30.1))
    // Without abnormal videos nothing is scaled, and no score is above 1.
    let oneKind = ScoreCalibration(videos(normal: random(40, seed: 1, shift: 60), abnormal: []))
    #expect(oneKind.threshold == nil && oneKind.falseAlarms == nil && oneKind.slope == 1)
  }

  @Test("fewer than nine normal videos give no threshold for 1 in 10")
  func fewVideos() {
    #expect(ScoreCalibration.fewestNormalVideos() == 9)
    #expect(ScoreCalibration.fewestNormalVideos(rate: 0.05) == 19)
    let eight = ScoreCalibration(videos(normal: random(8, seed: 1), abnormal: [0.5]))
    #expect(eight.threshold == nil && eight.normalVideos == 8 && eight.falseAlarmRate == 0.1)
    let nine = random(9, seed: 1)
    let fit = ScoreCalibration(videos(normal: nine, abnormal: [0.5]))
    #expect(fit.threshold == nine.map(fit.score).max()?.nextUp)
    #expect(ScoreCalibration([]).threshold == nil)
  }

  @Test("the score rises with the logit, and its mean is the share of abnormal videos")
  func probability() {
    let all = videos(
      normal: random(60, seed: 1, shift: -1), abnormal: random(60, seed: 2, shift: 1))
    let fit = ScoreCalibration(all)
    let steps = stride(from: Float(-5), through: 5, by: 0.1).map(fit.score)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 })
    #expect(steps.allSatisfy { (0...1).contains($0) } && steps[0] < 0.1 && steps[100] > 0.9)
    let mean = all.reduce(0) { $0 + fit.score(of: $1.logit) } / 120
    #expect(abs(mean - 0.5) < 1e-4)
    // Two normals of unit deviation, one apart on each side: log odds of 2 x.
    #expect(abs(fit.slope - 2) < 0.7 && abs(fit.offset) < 0.5)
  }

  @Test("logits that mean nothing, or the contrary, keep their order in nearly equal scores")
  func uselessScores() {
    let turned = ScoreCalibration(
      videos(normal: random(30, seed: 1, shift: 1), abnormal: random(30, seed: 2, shift: -1)))
    #expect(turned.slope == ScoreCalibration.leastSlope)
    let (low, high) = (turned.score(of: -3), turned.score(of: 3))
    #expect(low < high && high - low < 0.01 && abs(low - 0.5) < 0.01)
    // Separate without overlap: the smoothed targets keep the slope finite.
    let apart = ScoreCalibration(
      videos(
        normal: [Float](repeating: -2, count: 30), abnormal: [Float](repeating: 2, count: 9)))
    #expect(apart.slope.isFinite && apart.score(of: 2) < 1 && apart.score(of: 2) > 0.8)
  }

  @Test("the order of the videos does not matter")
  func order() {
    let all = videos(normal: random(30, seed: 1), abnormal: random(20, seed: 2, shift: 1))
    var generator = SeededGenerator(seed: 4)
    #expect(ScoreCalibration(all) == ScoreCalibration(all.shuffled(using: &generator)))
  }
}
