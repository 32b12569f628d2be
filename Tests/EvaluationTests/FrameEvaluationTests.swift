import Evaluation
import Foundation
import Testing

@Suite struct FrameEvaluationTests {
  func video(
    _ id: String, _ scores: [Float], frames: Int, events: [Range<Int>] = [],
    className: String = "Fighting"
  ) -> ScoredVideo {
    ScoredVideo(
      id: id, scores: scores, frameCount: frames, className: events.isEmpty ? "Normal" : className,
      isAnomalous: !events.isEmpty, events: events)
  }

  @Test func `counting frames by snippet equals repeating scores 16 times`() throws {
    let videos = [
      video("b", [0.1, 0.9, 0.4], frames: 53, events: [20..<30, 28..<35]),
      video("a", [0.3, 0.4], frames: 32),
      video("c", [0.7], frames: 9, events: [2..<100]),
    ]
    let result = try FrameEvaluation.evaluate(videos, resamples: 0)
    var scores: [Float] = []
    var labels: [Bool] = []
    for item in videos {
      scores += FrameGroundTruth.frameScores(item.scores, frameCount: item.frameCount)
      labels += FrameGroundTruth.frameLabels(frameCount: item.frameCount, events: item.events)
    }
    #expect(result.frameCount == 53 + 32 + 9)
    #expect(result.positiveFrameCount == 15 + 7)
    #expect(result.areaUnderROC.value == AreaUnderROC.compute(scores: scores, labels: labels))
    #expect(
      result.averagePrecision.value == AveragePrecision.compute(scores: scores, labels: labels))
    #expect(result.distinctScoreCount == 5)
  }

  @Test func `the tail repeats the last score or is dropped`() {
    let repeated = FrameGroundTruth(frameCount: 40, events: [30..<40])
    #expect(repeated.positives == [0, 10] && repeated.negatives == [16, 14])
    let dropped = FrameGroundTruth(frameCount: 40, events: [30..<40], tail: .drop)
    #expect(dropped.positives == [0, 2] && dropped.negatives == [16, 14])
  }

  @Test func `the order of the videos does not change one bit`() throws {
    let videos = (0..<12).map { index in
      video(
        "v\(index)", (0..<5).map { Float((index * 7 + $0 * 3) % 11) / 11 }, frames: 83,
        events: index % 2 == 0 ? [16 + index..<40 + index] : [])
    }
    let forward = try FrameEvaluation.evaluate(videos, resamples: 50)
    #expect(try FrameEvaluation.evaluate(videos.reversed(), resamples: 50) == forward)
    let interval = try #require(forward.areaUnderROC.interval)
    let area = try #require(forward.areaUnderROC.value)
    #expect(interval.lower <= area && area <= interval.upper)
    #expect(interval.lower < interval.upper)
  }

  @Test func `the area over abnormal videos leaves normal ones out`() throws {
    let result = try FrameEvaluation.evaluate(
      [
        video("a", [0.2, 0.8], frames: 32, events: [16..<32]),
        video("n", [0.9, 0.9], frames: 32),
      ], resamples: 0)
    #expect(result.anomalousVideosAreaUnderROC.value == 1)
    #expect(result.areaUnderROC.value == 1.0 / 3)
    #expect(result.withinVideoAreaUnderROC.value == 1)
    #expect(result.classes.map(\.className) == ["Fighting"])
  }

  @Test func `normal videos alone give no value and the reason`() throws {
    let result = try FrameEvaluation.evaluate([video("n", [0.9, 0.9], frames: 32)])
    #expect(result.areaUnderROC.value == nil)
    #expect(result.areaUnderROC.reason == "no frame lies in an event")
    #expect(result.areaUnderROC.interval == nil)
  }

  @Test func `bad scores are refused by the video's name`() {
    func message(_ videos: [ScoredVideo]) -> String {
      do {
        _ = try FrameEvaluation.evaluate(videos, resamples: 0)
        return "accepted"
      } catch {
        return "\(error)"
      }
    }
    #expect(message([video("clip7", [0.1, .nan], frames: 32)]).hasPrefix("clip7: score 1 is nan"))
    #expect(
      message([video("clip8", [0.1], frames: 32)]).hasPrefix(
        "clip8: 1 scores, expected 2 for 32 frames"))
    #expect(
      message([video("x", [0], frames: 16), video("x", [0], frames: 16)]).hasPrefix(
        "x: scored twice"))
    var unannotated = video("y", [0], frames: 16)
    unannotated.isAnomalous = true
    #expect(message([unannotated]).hasPrefix("y: an abnormal test video without"))
    #expect(message([]).hasPrefix("evaluation: no video"))
  }

  @Test func `two detectors resampled alike differ by nothing when they agree`() throws {
    let videos = (0..<8).map {
      video("v\($0)", [Float($0), 2, 3], frames: 48, events: $0 % 2 == 0 ? [10..<30] : [])
    }
    let first = try VideoBootstrap(videos, resamples: 40, seed: 3)
    let interval = try #require(
      VideoBootstrap.pairedDifference(first, first, of: AreaUnderROC.compute))
    #expect(interval.lower == 0 && interval.upper == 0)
  }

  @Test func `a result survives JSON`() throws {
    let result = try FrameEvaluation.evaluate(
      [video("a", [0.2, 0.8], frames: 32, events: [16..<32])], resamples: 10)
    let data = try JSONEncoder().encode(result)
    #expect(try JSONDecoder().decode(EvaluationResult.self, from: data) == result)
  }
}
