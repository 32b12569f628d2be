import Evaluation
import Foundation
import Records
import Tensors
import Testing

@Suite struct FrameEvaluationTests {
  func video(
    _ id: String, _ scores: [Float], frames: Int, events: [Range<Int>] = [],
    className: String = "Fighting"
  ) -> ScoredVideo {
    ScoredVideo(
      id: id, scores: scores, frameCount: frames,
      classNames: [events.isEmpty ? "Normal" : className],
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
      labels += FrameGroundTruth.frameLabels(frameCount: item.frameCount, events: item.events ?? [])
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
      VideoBootstrap.pairedDifference([first], [first, first], of: AreaUnderROC.compute))
    #expect(interval.lower == 0 && interval.upper == 0)
  }

  @Test func `the paired difference of seeds is that of their means, resample by resample`() throws
  {
    func detector(_ seed: UInt64, _ shift: Float) throws -> VideoBootstrap {
      var generator = SeededGenerator(seed: seed)
      return try VideoBootstrap(
        (0..<10).map { index in
          let scores = (0..<4).map { Float(generator.nextUniform()) + ($0 == 1 ? shift : 0) }
          return video("v\(index)", scores, frames: 64, events: index % 2 == 0 ? [16..<32] : [])
        }, resamples: 60, seed: 1)
    }
    let weak = try [detector(1, 0), detector(2, 0)]
    let strong = try [detector(3, 0.8), detector(4, 0.8)]
    let interval = try #require(
      VideoBootstrap.pairedDifference(weak, strong, of: AreaUnderROC.compute))
    #expect(interval.lower > 0)
    let values = (weak + strong).map { $0.values(of: AreaUnderROC.compute).map { $0 ?? .nan } }
    var wanted: [Double] = []
    for draw in 0..<60 {
      let strongSum: Double = values[2][draw] + values[3][draw]
      let weakSum: Double = values[0][draw] + values[1][draw]
      if !(strongSum - weakSum).isNaN { wanted.append((strongSum - weakSum) / 2) }
    }
    #expect(interval.usedResamples == wanted.count)
    #expect(abs(interval.lower - (wanted.min() ?? 0)) < 0.1 && interval.upper <= wanted.max() ?? 0)
  }

  @Test func `a video of two classes counts for both, and class scores have areas of their own`()
    throws
  {
    func scored(_ id: String, _ names: [String], _ columns: [[Float]]) -> ScoredVideo {
      ScoredVideo(
        id: id, scores: columns.map { $0.max() ?? 0 },
        classScores: Tensor(shape: [columns.count, 2], scalars: columns.flatMap(\.self)),
        frameCount: columns.count * 16, classNames: names, isAnomalous: !names.contains("Normal"),
        events: names.contains("Normal") ? [] : [0..<16])
    }
    let videos = [
      scored("a", ["Fighting", "Shooting"], [[0.9, 0.8], [0.1, 0.2]]),
      scored("b", ["Fighting"], [[0.7, 0.6], [0.2, 0.1]]),
      scored("n", ["Normal"], [[0.3, 0.5], [0.1, 0.1]]),
    ]
    let result = try FrameEvaluation.evaluate(
      videos, classes: ["Fighting", "Shooting"], resamples: 0)
    #expect(result.classes.map(\.className) == ["Fighting", "Shooting"])
    #expect(result.classes.map(\.videoCount) == [2, 1])
    #expect(result.classes[0].classScoreAreaUnderROC?.value == 1)
    // Of Shooting, only a's event counts: its 16 frames score above all others.
    #expect(result.classes[1].classScoreAreaUnderROC?.value == 1)
    let plain = try FrameEvaluation.evaluate(
      videos.map { video in
        var video = video
        video.classScores = nil
        return video
      }, classes: ["Fighting", "Shooting"], resamples: 0)
    #expect(plain.classes.allSatisfy { $0.classScoreAreaUnderROC == nil })
  }

  @Test func `a result survives JSON`() throws {
    let result = try FrameEvaluation.evaluate(
      [video("a", [0.2, 0.8], frames: 32, events: [16..<32])], resamples: 10)
    let data = try JSONEncoder().encode(result)
    #expect(try JSONDecoder().decode(EvaluationResult.self, from: data) == result)
  }
}
