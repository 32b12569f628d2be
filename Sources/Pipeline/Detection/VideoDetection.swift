import Descriptions
import Detectors
import Encoders
import Evaluation
import Foundation
import KeyEvents
import Records
import Reports
import Tensors
import Training

/// Scores single videos: curves, events, and a report with built-in key frames and
/// descriptions.
public struct VideoDetection: Sendable {
  /// One video's result: an entry of `detections.json`.
  public struct Detection: Codable, Sendable, Equatable {
    public var video: String
    public var frames: Int
    public var snippets: Int
    public var peakScore: Float
    public var intervals: [DetectedIntervals.Interval]
    public var description: String?
    /// From which score on a stretch counts as detected.
    public var threshold: Float?
    /// The share of normal videos with a false alarm that the threshold was set for; absent
    /// for a threshold that was given or not calibrated.
    public var falseAlarmRate: Double?
    /// The three strongest anomaly classes; absent for detectors without class scores.
    public var classes: [ScoredClasses.Peak]?
  }

  /// What scoring videos came to.
  public struct Result: Sendable {
    public var detections: [Detection]
    /// Nil where no video could be scored.
    public var page: URL?
  }

  private let detection: DetectionRun
  private let threshold: AlarmThreshold
  private let out: URL
  private let visual: VisualFeatureSource
  private let jobs: Int
  private let prompt: PromptTemplate
  private let crops: TestCrops

  /// - Parameters:
  ///   - threshold: from which score on a stretch counts as detected; nil for the
  ///     checkpoint's own.
  ///   - out: the folder of the results.
  ///   - prompt: what a description is asked with; the built-in describer records it.
  ///   - crops: which crops score a video.
  public init(
    _ detection: DetectionRun, threshold: Float? = nil, out: URL,
    visual: VisualFeatureSource = VisualFeatureSource(), jobs: Int = Parallel.cores,
    prompt: PromptTemplate, crops: TestCrops = .listed
  ) {
    self.detection = detection
    self.threshold = AlarmThreshold(given: threshold, record: detection.checkpoint.record)
    self.out = out
    self.visual = visual
    self.jobs = jobs
    self.prompt = prompt
    self.crops = crops
  }

  /// Writes `<name>.npy` and `<name>.svg` per video, `detections.json` and `report.html`.
  ///
  /// - Returns: a detection for each video that could be read, in the order given; the
  ///   reporter has the failures of the others.
  public func run(
    _ paths: [String], reporter: StageReporter = .silent, stop: StopSignal = StopSignal()
  ) async throws -> Result {
    let stage = VisualFeatureStage(
      store: try detection.store(
        visual, crops: [crops], reporter: reporter, root: out.appendingPathComponent("features")),
      jobs: jobs)
    let items = NamedVideos.ids(of: paths)
    let outcomes = stage.run(items, reporter: reporter, stop: stop)
    let scored = try detection.score(items, stage: stage, outcomes: outcomes, crops: crops)
    let pathByID = Dictionary(
      items.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
    let classes = ScoredClasses(detection.classes)
    let builder = ReportBuilder(threshold: threshold.value, classes: classes)
    var cards: [ReportVideo] = []
    var detections: [Detection] = []
    for item in scored {
      let path = pathByID[item.id] ?? item.id
      let (keyFrames, description) = try await context(of: item.id, path: path)
      let card = builder.video(item, keyFrames: keyFrames, description: description)
      cards.append(card)
      let peak = item.scores.max() ?? 0
      detections.append(
        Detection(
          video: path, frames: item.frameCount, snippets: item.scores.count,
          peakScore: peak, intervals: classes.intervals(of: item, over: threshold.value),
          description: description.text, threshold: threshold.value,
          falseAlarmRate: threshold.falseAlarmRate, classes: classes.peaks(of: item)))
      try Npy.write(
        Tensor(shape: [item.scores.count], scalars: item.scores),
        to: out.appendingPathComponent("\(item.id).npy"))
      if let scores = item.classScores {
        try Npy.write(scores, to: out.appendingPathComponent("\(item.id).classes.npy"))
      }
      try CurvePlot(video: card).write(to: out.appendingPathComponent("\(item.id).svg"))
    }
    let page = cards.isEmpty ? nil : try write(cards, detections, stage: stage)
    return Result(detections: detections, page: page)
  }

  /// Key frames and a description by the built-ins: a first look, fast and offline.
  private func context(of id: String, path: String) async throws -> (
    [ReportKeyFrame], ReportDescription
  ) {
    let view = visual.views.view(of: id)
    // The pass that scores the candidates measures the motion that is described.
    let selection = try KeyEventSelector.select(
      from: IndexedVideo(path: path, view: view), scorer: NoveltyScorer(), measuresMotion: true)
    let describer = BuiltInDescriber()
    var request = DescriptionRequest(
      videoID: id, videoPath: path, durationSeconds: selection.curve.durationSeconds, frames: [],
      prompt: prompt)
    request.view = view
    request.motion = selection.motion
    let text = try await describer.describe(request).text
    return (
      try ReportBuilder.keyFrames(selection.frames, record: selection.record),
      ReportDescription(
        text: text, describer: describer.identity.description, implementation: .builtIn)
    )
  }

  private func write(
    _ cards: [ReportVideo], _ detections: [Detection], stage: VisualFeatureStage
  ) throws -> URL {
    let record = detection.checkpoint.record
    let encoder = stage.identity
    let report = DetectionReport(
      title: cards.count == 1 ? cards[0].id : "\(cards.count) videos", dataset: "single videos",
      notes: [threshold.sentence],
      stages: [
        ReportStage(
          stage: "select", implementation: .builtIn, used: "\(NoveltyScorer().identity)",
          items: cards.count, itemName: "videos"),
        ReportStage(
          stage: "describe", implementation: .builtIn, used: "\(BuiltInDescriber().identity)",
          items: cards.count, itemName: "videos"),
        ReportStage(
          stage: "features", implementation: encoder.kind == "builtin" ? .builtIn : .real,
          used: encoder.description, revision: encoder.revision, key: stage.store.key,
          items: cards.count, itemName: "videos"),
        ReportStage(
          stage: "detect", implementation: .real,
          used: "\(detection.checkpoint.title) \(record.provenance)",
          items: cards.count, itemName: "videos"),
      ], videos: cards)
    let page = out.appendingPathComponent("report.html")
    try JSONRecord.write(detections, to: out.appendingPathComponent("detections.json"))
    try DetectionReportPage(report: report).write(to: page)
    return page
  }
}
