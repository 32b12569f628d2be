import Foundation
import Records
import Testing
import Training

@Suite struct ScoreCalibrationTests {
  private func videos(normal: [Float], abnormal: [Float]) -> [ScoreCalibration.Video] {
    normal.map { .init(score: $0, isAnomalous: false) }
      + abnormal.map { .init(score: $0, isAnomalous: true) }
  }

  private func random(_ count: Int, seed: UInt64, shift: Double = 0) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      Float(1 / (1 + exp(-(generator.nextNormal() + shift))))
    }
  }

  @Test("at most the rate of the normal videos reaches the threshold", arguments: 9...70)
  func rateIsKept(count: Int) throws {
    let normal = random(count, seed: UInt64(count))
    let fit = ScoreCalibration(videos(normal: normal, abnormal: random(5, seed: 3, shift: 2)))
    let threshold = try #require(fit.threshold)
    let alarms = normal.count { $0 >= threshold }
    #expect(fit.falseAlarms == alarms && Double(alarms) <= 0.1 * Double(count))
    // No lower than needed: one more alarm would break the promise for a further video.
    let least = normal.filter { $0 < threshold }.max() ?? 0
    #expect(threshold == least.nextUp)
    #expect(Double(alarms + 2) / Double(count + 1) > 0.1)
  }

  @Test("a further normal video of the same kind exceeds it once in ten times or less")
  func furtherVideos() {
    var exceeded = 0
    for trial in 0..<2000 {
      let scores = random(40, seed: UInt64(trial))
      let fit = ScoreCalibration(videos(normal: Array(scores.dropLast()), abnormal: []))
      if let threshold = fit.threshold, scores[39] >= threshold { exceeded += 1 }
    }
    // 4 of 40 is the expected share; four standard errors are 0.027.
    #expect(abs(Double(exceeded) / 2000 - 0.1) < 0.027)
  }

  @Test("equal scores stay below together")
  func ties() throws {
    let fit = ScoreCalibration(
      videos(normal: [0.9] + [Float](repeating: 0.4, count: 29), abnormal: [0.9]))
    #expect(fit.threshold == Float(0.4).nextUp && fit.falseAlarms == 1)
    let equal = ScoreCalibration(
      videos(normal: [Float](repeating: 0.4, count: 30), abnormal: [0.4]))
    #expect(equal.threshold == Float(0.4).nextUp && equal.falseAlarms == 0)
    // Nothing is above a score of 1.
    let saturated = ScoreCalibration(
      videos(normal: [Float](repeating: 1, count: 30), abnormal: [1]))
    #expect(saturated.threshold == nil && saturated.falseAlarms == nil)
  }

  @Test("fewer than nine normal videos give no threshold for 1 in 10")
  func fewVideos() {
    #expect(ScoreCalibration.fewestNormalVideos() == 9)
    #expect(ScoreCalibration.fewestNormalVideos(rate: 0.05) == 19)
    let eight = ScoreCalibration(videos(normal: random(8, seed: 1), abnormal: [0.5]))
    #expect(eight.threshold == nil && eight.normalVideos == 8 && eight.falseAlarmRate == 0.1)
    let nine = random(9, seed: 1)
    #expect(ScoreCalibration(videos(normal: nine, abnormal: [])).threshold == nine.max()?.nextUp)
    #expect(ScoreCalibration([]).threshold == nil)
  }

  @Test("the probability rises with the score, and its mean is the share of abnormal videos")
  func probability() throws {
    let all = videos(
      normal: random(60, seed: 1, shift: -1), abnormal: random(60, seed: 2, shift: 1))
    let fit = ScoreCalibration(all)
    let steps = try stride(from: Float(0), through: 1, by: 0.01).map {
      try #require(fit.probability(of: $0))
    }
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(steps.allSatisfy { (0...1).contains($0) } && steps[0] < 0.1 && steps[100] > 0.9)
    let mean = try all.reduce(0) { try $0 + #require(fit.probability(of: $1.score)) } / 120
    #expect(abs(mean - 0.5) < 1e-4)
    // Two normals of unit deviation, one apart on each side: log odds of 2 x.
    #expect(abs((fit.slope ?? 0) - 2) < 0.5 && abs(fit.offset ?? 9) < 0.5)
  }

  @Test("scores that mean nothing, or the contrary, give one probability for all")
  func uselessScores() throws {
    let turned = ScoreCalibration(
      videos(normal: random(30, seed: 1, shift: 1), abnormal: random(30, seed: 2, shift: -1)))
    #expect(turned.slope == 0)
    #expect(turned.probability(of: 0.1) == turned.probability(of: 0.9))
    #expect(ScoreCalibration(videos(normal: random(30, seed: 1), abnormal: [])).slope == nil)
    // Separate without overlap: the smoothed targets keep the slope finite.
    let apart = ScoreCalibration(
      videos(
        normal: [Float](repeating: 0.1, count: 30), abnormal: [Float](repeating: 0.9, count: 9)))
    let slope = try #require(apart.slope)
    #expect(slope.isFinite && (apart.probability(of: 0.9) ?? 0) < 1)
  }

  @Test("the order of the videos does not matter")
  func order() {
    let all = videos(normal: random(30, seed: 1), abnormal: random(20, seed: 2, shift: 1))
    var generator = SeededGenerator(seed: 4)
    #expect(ScoreCalibration(all) == ScoreCalibration(all.shuffled(using: &generator)))
  }
}
