import Datasets
import Descriptions
import Encoders
import Foundation
import KeyEvents
import Pipeline
import Records
import TestSupport
import Testing
import Video
import Workspaces

@Suite("Decode passes of the built-in path")
struct DecodePassTests {
  private let small: SmallVideos

  init() throws { small = try SmallVideos() }

  private func dataset() throws -> Dataset {
    var videos: [DatasetVideo] = []
    for (number, split) in ["train", "train", "test", "test"].enumerated() {
      let kind = number % 2 == 0 ? "Normal" : "Fighting"
      let path = try small.clip(
        "\(split)/\(kind)", isAnomalous: kind != "Normal", seed: UInt64(number + 1))
      videos.append(
        DatasetVideo(
          id: "\(split)-\(kind)", path: path, split: split, classNames: [kind],
          isAnomalous: kind != "Normal"))
    }
    return Dataset(
      descriptor: try small.dataset().descriptor, root: small.folder.url, videos: videos,
      annotations: Dictionary(
        uniqueKeysWithValues: videos.map {
          let events = $0.isAnomalous == true ? [16..<32] : []
          return ($0.id, TemporalAnnotation(videoID: $0.id, className: "x", events: events))
        }))
  }

  @Test("from select to report a video is decoded three times, for the motion once")
  func passes() async throws {
    let dataset = try dataset()
    let workspace = try small.workspace()
    let ledger = try workspace.openLedger()
    let visual = VisualFeatureSource(encoder: .builtIn)
    let prompt = try PromptTemplate.load(from: ResourceFolders.find())
    let stage = DescriptionStage(
      workspace: workspace, ledger: ledger, describer: BuiltInDescriber(), prompt: prompt,
      scorers: try small.scorers(of: dataset), options: .init(selection: .init(frames: 3)))
    let native = VideoScaling.exact(width: 96, height: 72)
    let reduced = VideoScaling.longestSide(160)

    let train = dataset.videos(split: "train")[1]
    let test = dataset.videos(split: "test")[1]
    let trained = try await DecodePasses.over(train.path) {
      let summary = try await stage.run(dataset.videos)
      #expect(summary.done == 4 && summary.failed == 0)
      let training = TrainingStage(
        dataset: dataset, workspace: workspace, ledger: ledger,
        sources: TrainingSources(visual: visual, descriptions: .builtIn),
        options: TrainingOptions(
          presets: ["no-dbm"], sets: ["epochs=1", "batchSize=2", "modelWidth=8"]))
      #expect(try training.run().runs[0].state == .trained)
    }
    // The motion, in the same pass as the candidates; the chosen frames; the features.
    #expect(trained == [reduced, native, reduced])

    // Described already, so only the stages after it are left for the test videos.
    let detected = try await DecodePasses.over(test.path) {
      let result = try #require(
        try DatasetDetection(
          dataset: dataset, workspace: workspace,
          options: DatasetDetectionOptions(evaluates: true, visual: visual)
        ).run())
      #expect(result.videos.count == 2)
      #expect(try String(contentsOf: result.page, encoding: .utf8).contains("test-Fighting"))
    }
    #expect(detected == [reduced])

    // A stored selection is reused: the describer then measures the video by itself.
    let other = try small.workspace("other")
    try FileManager.default.copyItem(at: workspace.selectionsFolder, to: other.selectionsFolder)
    let again = DescriptionStage(
      workspace: other, ledger: try other.openLedger(), describer: BuiltInDescriber(),
      prompt: prompt, scorers: try small.scorers(of: dataset),
      options: .init(selection: .init(frames: 3)))
    let reused = try await DecodePasses.over(train.path) {
      let summary = try await again.run([train])
      #expect(summary.done == 1)
    }
    #expect(reused == [native, reduced])
    #expect(
      try other.openLedger().description(videoID: train.id)?.text
        == ledger.description(videoID: train.id)?.text)
  }
}
