import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import Pipeline
import Records
import Workspaces

struct FeaturesRunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Extracts snippet features of videos or of a data set.",
    discussion: """
      For a data set they go to the workspace's features/visual/<key>/, where train-dbm and \
      detect find them; for single videos to <out>/<key>/. provenance.json there records every \
      choice: encoder and weights, geometry, crop order, pooling, frame rule, versions. Complete \
      features with the same choices are kept, so that a stopped run continues.

      A row is a full group of 16 frames; the remaining frames are dropped. By default each frame is \
      encoded whole, as CLIP prepares it: <video>.npy. With --crops 5 or 10 (or 1 with \
      --geometry vadclip) a frame becomes 340x256 as OpenCV resizes, and crops of 224x224 have \
      rows of their own: <video>__0.npy centre, __1 top left, __2 top right, __3 bottom left, \
      __4 bottom right, __5 to __9 the same mirrored. Rows are not normalised.

      \(CommandExit.help)
      """)

  @OptionGroup var inputs: FeatureInputs

  @Flag(help: "The result as JSON.")
  var json = false

  private struct Line: Encodable {
    let video: String
    let snippets: Int
    let frames: Int
    let framesPerSecond: Double
    let cached: Bool
  }

  func execute() async throws {
    let items = try inputs.items()
    let encoder = try inputs.visual.source(on: inputs.server).snippetEncoder(reporter: .console())
    let interruption = Interruption()
    interruption.listen()
    inputs.jobs.shareCores(among: items.videos.count)
    let contentHash = VisualFeatureStage.contentHash(by: try items.workspace?.existingLedger())
    let stage = VisualFeatureStage(
      store: try inputs.store(of: items, encoder: encoder), jobs: inputs.jobs.jobs,
      contentHash: contentHash)
    let plan = try BulkPlan.features(
      items.videos, store: stage.store, jobs: inputs.jobs.jobs, contentHash: contentHash)
    Console.note(plan.line)
    let start = ContinuousClock.now
    let outcomes = stage.run(
      items.videos, reporter: .console(), stop: interruption.stop)
    if let workspace = items.workspace {
      try stage.log(outcomes, seconds: (ContinuousClock.now - start) / .seconds(1), to: workspace)
    }
    try show(items.videos.map { ($0.id, outcomes[$0.id]) }, stage: stage)
    if interruption.isDraining { throw CommandExit.interrupted }
    if outcomes.values.contains(where: \.isFailure) { throw CommandExit.someItemsFailed }
  }

  private func show(
    _ results: [(id: String, outcome: VisualFeatureStage.Outcome?)], stage: VisualFeatureStage
  ) throws {
    let lines = results.compactMap { item -> Line? in
      guard let outcome = item.outcome, let record = outcome.record else { return nil }
      return Line(
        video: item.id, snippets: record.snippetCount, frames: record.frameCount,
        framesPerSecond: record.frameRate, cached: outcome.wasStored)
    }
    if json {
      Console.result(try JSONRecord.encode(lines))
      return
    }
    var table = TextTable(["video", "snippets", "frames", "fps", "cached"])
    for line in lines {
      table.add([
        line.video, "\(line.snippets)", "\(line.frames)",
        String(format: "%.2f", line.framesPerSecond), line.cached ? "yes" : "no",
      ])
    }
    for line in table.lines { Console.result(line) }
    Console.result("\(stage.identity) in \(stage.store.folder.path)")
  }
}
