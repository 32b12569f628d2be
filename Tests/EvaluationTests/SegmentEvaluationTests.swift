import Evaluation
import Foundation
import Tensors
import TestSupport
import Testing

/// Golden/make_segments.py made the values, frame by frame, from the description of VadCLIP's
/// evaluation.
@Suite struct SegmentEvaluationTests {
  struct File: Decodable {
    struct Event: Decodable {
      var className: String
      var start: Int
      var end: Int
    }
    struct Video: Decodable {
      var id: String
      var frameCount: Int
      var classNames: [String]
      var isAnomalous: Bool
      var events: [Event]
      var scores: [[Float]]
    }
    struct ClassResult: Decodable {
      var className: String
      var eventCount: Int
      var proposalCount: Int
      var averagePrecision: [Double]
    }
    struct Population: Decodable {
      var videoCount: Int
      var classes: [ClassResult]
      var meanAveragePrecision: [Double]
      var average: Double?
      var classesWithoutProposals: [String]?
    }
    struct Case: Decodable {
      var name: String
      var classes: [String]
      var hasNormalEvents: Bool
      var startShift: Int
      var videos: [Video]
      var legacy: Population
      var abnormalVideos: Population
      var allVideos: Population
      var anyAbnormal: ClassResult
      var anyAll: ClassResult
    }
    var cases: [Case]
  }

  func cases() throws -> [File.Case] {
    try JSONDecoder().decode(File.self, from: Data(contentsOf: Golden.url("segments.json"))).cases
  }

  func videos(_ item: File.Case) -> [ScoredVideo] {
    item.videos.map { video in
      ScoredVideo(
        id: video.id, scores: video.scores.map { $0.max() ?? 0 },
        classScores: Tensor(
          shape: [video.scores.count, item.classes.count], scalars: video.scores.flatMap(\.self)),
        frameCount: video.frameCount, classNames: video.classNames,
        isAnomalous: video.isAnomalous,
        classEvents: video.events.map {
          ClassEvent(className: $0.className, frames: $0.start..<$0.end)
        })
    }.map { video in
      var video = video
      video.events = video.classEvents?.map(\.frames)
      return video
    }
  }

  func evaluate(_ item: File.Case, _ videos: [ScoredVideo]? = nil) throws -> SegmentResult {
    try #require(
      try SegmentEvaluation.evaluate(
        videos ?? self.videos(item), classes: item.classes, normalClass: "Normal",
        legacyTruth: LegacyTruth(
          hasNormalEvents: item.hasNormalEvents, startShift: item.startShift)
      ).result)
  }

  func equal(_ found: SegmentClassResult, _ wanted: File.ClassResult, _ name: String) {
    #expect(found.className == wanted.className, "\(name)")
    #expect(found.eventCount == wanted.eventCount, "\(name), \(wanted.className)")
    #expect(found.proposalCount == wanted.proposalCount, "\(name), \(wanted.className)")
    for (a, b) in zip(found.averagePrecision, wanted.averagePrecision) {
      #expect(abs(a - b) < 1e-9, "\(name), \(wanted.className)")
    }
  }

  func equal(_ found: SegmentPopulation, _ wanted: File.Population, _ name: String) {
    #expect(found.videoCount == wanted.videoCount, "\(name)")
    #expect(found.classes.count == wanted.classes.count, "\(name)")
    for (a, b) in zip(found.classes, wanted.classes) { equal(a, b, name) }
    #expect(found.meanAveragePrecision.count == wanted.meanAveragePrecision.count, "\(name)")
    for (a, b) in zip(found.meanAveragePrecision, wanted.meanAveragePrecision) {
      #expect(abs(a - b) < 1e-9, "\(name)")
    }
    #expect(abs((found.average ?? -1) - (wanted.average ?? -1)) < 1e-9, "\(name)")
  }

  @Test func `both forms equal a reference that counts frame by frame`() throws {
    let cases = try cases()
    #expect(cases.count == 7)
    for item in cases {
      let result = try evaluate(item)
      equal(result.legacy.population, item.legacy, "\(item.name), legacy")
      #expect(result.legacy.classesWithoutProposals == item.legacy.classesWithoutProposals)
      equal(result.fixed.abnormalVideos, item.abnormalVideos, "\(item.name), abnormal videos")
      equal(result.fixed.allVideos, item.allVideos, "\(item.name), all videos")
      let anyClass = try #require(result.fixed.anyClass)
      equal(anyClass.abnormalVideos, item.anyAbnormal, "\(item.name), abnormal videos")
      equal(anyClass.allVideos, item.anyAll, "\(item.name), all videos")
    }
  }

  @Test func `the order of the videos does not change one bit`() throws {
    for item in try cases() {
      let videos = videos(item)
      #expect(try evaluate(item, videos.reversed()) == evaluate(item, videos))
    }
  }

  @Test func `a perfect predictor has 13 of 14 classes in the legacy form of UCF-Crime`() throws {
    let item = try #require(try cases().last)
    let result = try evaluate(item)
    let average = try #require(result.legacy.population.average)
    #expect(result.fixed.abnormalVideos.average == 100 && result.fixed.allVideos.average == 100)
    #expect(abs(average - 100.0 * 13 / 14) < 1e-9)
    #expect(result.legacy.population.classes[0].className == "Normal")
    #expect(result.legacy.population.classes[0].eventCount == 0)
  }

  @Test func `one class without a proposal is zero for all in the legacy form, for itself in ours`()
    throws
  {
    let item = try #require(try cases().first { $0.name == "a class without proposals" })
    let result = try evaluate(item)
    #expect(result.legacy.population.meanAveragePrecision == [0, 0, 0, 0, 0])
    #expect(result.legacy.classesWithoutProposals == ["Riot"])
    #expect(try #require(result.fixed.allVideos.average) > 0)
  }

  /// One video of four snippets in class B, with an event in the second and third.
  private func clip(
    _ id: String, _ scores: [Float], events: [Range<Int>] = [16..<48], names: [String] = ["B"],
    frames: Int = 64
  ) -> ScoredVideo {
    ScoredVideo(
      id: id, scores: scores,
      classScores: Tensor(shape: [scores.count, 2], scalars: scores.flatMap { [1 - $0, $0] }),
      frameCount: frames, classNames: names, isAnomalous: names != ["A"], events: events)
  }

  private func outcome(_ videos: [ScoredVideo], classes: [String] = ["A", "B"]) throws
    -> SegmentEvaluation.Outcome
  {
    try SegmentEvaluation.evaluate(videos, classes: classes, normalClass: "A")
  }

  @Test func `two proposals of equal score are taken by video and start`() throws {
    // b's second run finds the event; both of its runs, and a's, score alike.
    let videos = [
      clip("b", [0.75, 0.25, 0.75, 0.25], events: [32..<48]),
      clip("a", [0.75, 0.25, 0.25, 0.75], events: [], names: ["A"]),
    ]
    let result = try #require(try outcome(videos).result)
    // a's two and b's first come before it: a precision of one quarter.
    #expect(result.fixed.allVideos.classes[0].averagePrecision == [25, 25, 25, 25, 25])
    #expect(result.fixed.abnormalVideos.classes[0].averagePrecision == [50, 50, 50, 50, 50])
  }

  @Test func `events whose class no file gives are a reason, not a result`() throws {
    let several = clip("s", [0, 1, 1, 0], names: ["B", "C"])
    let reason = try #require(try outcome([several]).reason)
    #expect(reason.hasPrefix("1 of 1 videos have several classes"))
    var known = several
    known.classEvents = [ClassEvent(className: "C", frames: 16..<48)]
    let result = try #require(try outcome([known]).result)
    #expect(result.unscoredClasses == ["C"])
    #expect(result.fixed.allVideos.meanAveragePrecision.isEmpty)
    #expect(result.fixed.allVideos.average == nil)
    #expect(result.fixed.anyClass?.allVideos.mean == 100)
    var plain = clip("p", [0, 1, 1, 0])
    plain.classScores = nil
    #expect(try outcome([plain]).reason == "p has no class scores")
  }

  @Test func `wrong classes are refused by name`() {
    func message(_ classes: [String]) -> String {
      do { return "\(try outcome([clip("v", [0, 1, 1, 0])], classes: classes))" } catch {
        return "\(error)"
      }
    }
    #expect(message(["A", "B", "C"]).hasPrefix("v: class scores of 2 columns, expected 3"))
    #expect(message(["B", "C"]).hasPrefix("class 'A': not among the classes that are scored"))
  }

  @Test func `class scores are a second anomaly score: one minus the normal class's`() throws {
    let videos = [
      clip("a", [0.25, 0.75, 0.75, 0.25]), clip("n", [0.5, 0.5, 0, 0], events: [], names: ["A"]),
    ].map { video in
      var video = video
      video.scores = [0, 0, 0, 0]
      return video
    }
    let result = try FrameEvaluation.evaluate(
      videos, classes: ["A", "B"], normalClass: "A", resamples: 20)
    #expect(result.areaUnderROC.value == 0.5)
    let second = try #require(result.classScores)
    #expect(second.areaUnderROC.value == 1 && second.averagePrecision.value == 1)
    #expect(second.anomalousVideosAreaUnderROC.value == 1 && second.distinctScoreCount == 4)
    #expect(second.areaUnderROC.interval != nil)
    #expect(result.segments?.fixed.abnormalVideos.average == 100)
    let plain = try FrameEvaluation.evaluate(
      videos.map { video in
        var video = video
        video.classScores = nil
        return video
      }, classes: ["A", "B"], normalClass: "A", resamples: 0)
    #expect(plain.classScores == nil && plain.segments == nil && plain.segmentsReason == nil)
  }
}
