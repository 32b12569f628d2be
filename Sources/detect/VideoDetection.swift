import CommandSupport
import Descriptions
import Encoders
import Foundation
import KeyEvents
import Records
import Reports
import Tensors

/// Scores the videos that a command line names.
struct VideoDetection {
  let command: RunCommand
  let interruption: Interruption

  private struct Line: Encodable {
    let video: String
    let frames: Int
    let snippets: Int
    let peakScore: Float
    let intervals: [DetectedIntervals.Interval]
    let description: String?
  }

  func run() async throws {
    let out = URL(fileURLWithPath: command.out)
    let detection = try DetectionRun(checkpoint: command.checkpointFile())
    let stage = VisualFeatureStage(
      store: try detection.store(
        command.visual, on: command.server, root: out.appendingPathComponent("features")),
      jobs: command.jobs.jobs)
    let items = NamedVideos.ids(of: command.videos)
    let outcomes = stage.run(items, interruption: interruption)
    let scored = try detection.score(items, stage: stage, outcomes: outcomes)
    let builder = ReportBuilder(threshold: command.threshold)
    var cards: [ReportVideo] = []
    var lines: [Line] = []
    for item in scored {
      let (keyFrames, description) = try await context(of: item)
      let card = builder.video(item, keyFrames: keyFrames, description: description)
      cards.append(card)
      lines.append(
        Line(
          video: item.path, frames: item.record.frameCount, snippets: item.scores.count,
          peakScore: item.scores.max() ?? 0, intervals: builder.intervals(of: item),
          description: description.text))
      try Npy.write(
        Tensor(shape: [item.scores.count], scalars: item.scores),
        to: out.appendingPathComponent("\(item.id).npy"))
      try CurvePlot(video: card).write(to: out.appendingPathComponent("\(item.id).svg"))
    }
    if !cards.isEmpty { try write(cards, lines, detection: detection, stage: stage, to: out) }
    try show(lines, out: out)
    if interruption.isDraining { throw CommandExit.interrupted }
    if scored.isEmpty { throw CommandExit.unreadableInput }
    if scored.count < items.count { throw CommandExit.someItemsFailed }
  }

  /// Key frames and a description by the built-ins: a first look, fast and offline.
  private func context(of item: DetectionRun.Scored) async throws -> (
    [ReportKeyFrame], ReportDescription
  ) {
    let selection = try KeyEventSelector.select(path: item.path, scorer: NoveltyScorer())
    let describer = BuiltInDescriber()
    let prompt = try PromptTemplate.load(from: command.dataset.resourceOptions.folders())
    let text = try await describer.describe(
      DescriptionRequest(
        videoID: item.id, videoPath: item.path,
        durationSeconds: selection.curve.durationSeconds, frames: [], prompt: prompt)
    ).text
    return (
      try ReportBuilder.keyFrames(selection.frames, record: selection.record),
      ReportDescription(
        text: text, describer: describer.identity.description, implementation: .builtIn)
    )
  }

  private func write(
    _ cards: [ReportVideo], _ lines: [Line], detection: DetectionRun, stage: VisualFeatureStage,
    to out: URL
  ) throws {
    let record = detection.checkpoint.record
    let encoder = stage.identity
    let report = DetectionReport(
      title: cards.count == 1 ? cards[0].id : "\(cards.count) videos", dataset: "single videos",
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
          used: "DBVAD trained on \(record.dataset), seed \(record.seed), \(record.epoch) epochs",
          items: cards.count, itemName: "videos"),
      ], videos: cards)
    try JSONRecord.write(lines, to: out.appendingPathComponent("detections.json"))
    try DetectionReportPage(report: report).write(to: out.appendingPathComponent("report.html"))
  }

  private func show(_ lines: [Line], out: URL) throws {
    if command.json {
      Console.result(try JSONRecord.encode(lines))
      return
    }
    var table = TextTable(["video", "from s", "to s", "peak s", "score"])
    for line in lines {
      for interval in line.intervals {
        table.add([
          line.video, String(format: "%.1f", interval.startSeconds),
          String(format: "%.1f", interval.endSeconds),
          String(format: "%.1f", interval.peakSeconds), String(format: "%.3f", interval.peakScore),
        ])
      }
      if line.intervals.isEmpty {
        table.add([line.video, "-", "-", "-", String(format: "%.3f", line.peakScore)])
      }
    }
    for text in table.lines { Console.result(text) }
    if !lines.isEmpty {
      Console.result("report: \(out.appendingPathComponent("report.html").path)")
    }
  }
}
