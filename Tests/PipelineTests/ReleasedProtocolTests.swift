import Datasets
import Detectors
import Encoders
import Evaluation
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Testing
import Training
import Workspaces

/// Released features of ten crops, as VadCLIP's lists name them, from import to evaluation.
@Suite(.blocking) struct ReleasedProtocolTests {
  private let folder: TemporaryFolder
  private let workspace: Workspace
  private static let width = 6
  private static let labels = ["A", "B1-0-0", "B1-B2-0", "B2-0-0", "A", "A", "B2-B1-0", "A"]

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.create(at: folder.file("space"), dataset: "xd-violence", root: nil)
  }

  private static let xd: DatasetDescriptor = {
    var descriptor = DatasetDescriptor(
      name: "xd-violence", title: "Like XD-Violence", layout: .xd,
      classes: [
        ClassDescriptor(name: "Normal", isNormal: true, code: "A"),
        ClassDescriptor(name: "Fighting", code: "B1"),
        ClassDescriptor(name: "Shooting", code: "B2"),
      ])
    descriptor.annotations = try? JSONDecoder().decode(
      AnnotationDescriptor.self, from: Data(#"{"format": "xd", "files": []}"#.utf8))
    return descriptor
  }()

  /// Videos v0 to v7 to train on and t0, t1 to test on: t0 is normal, t1 has two classes. Every
  /// crop of every video is there; the test list names one of each.
  private func imported(
    testCrop: Int = 0, allCrops: Bool = true, classes: Bool = true
  ) throws -> Dataset {
    var generator = SeededGenerator(seed: 3)
    var train = "path,label\n"
    var test = "path,label\n"
    let videos =
      Self.labels.enumerated().map { ("v\($0)_label_\($1)", $1) }
      + [("t0_label_A", "A"), ("t1_label_B1-B2-0", "B1-B2-0")]
    for (name, label) in videos {
      for crop in 0..<10 {
        let rows = (0..<5 * Self.width).map { _ in Float(generator.nextNormal()) }
        try Npy.write(
          Tensor(shape: [5, Self.width], scalars: rows), as: .float16,
          to: folder.file("npy/\(name)__\(crop).npy"))
        let line = "/x/\(name)__\(crop).npy,\(label)\n"
        if name.hasPrefix("v") { train += line } else if crop == testCrop { test += line }
      }
    }
    try Data(train.utf8).write(to: folder.file("xd_CLIP_rgb.csv"))
    try Data(test.utf8).write(to: folder.file("xd_CLIP_rgbtest.csv"))
    try Data("t1_label_B1-B2-0.mp4 16 48 60 70\n".utf8).write(to: folder.file("a.txt"))
    try Data("t1_label_B1-B2-0 B1 16 48 B2 60 70\n".utf8).write(to: folder.file("c.txt"))
    let report = try FeatureImport(
      features: folder.file("npy"),
      lists: [folder.file("xd_CLIP_rgb.csv"), folder.file("xd_CLIP_rgbtest.csv")],
      descriptor: Self.xd, annotation: folder.file("a.txt"),
      classAnnotation: classes ? folder.file("c.txt") : nil, takesAllCrops: allCrops
    ).run(into: workspace)
    #expect(report.failures.isEmpty && report.videos == 10)
    #expect(report.files == (allCrops ? 100 : 82))
    let stored = try JSONRecord.read(
      ImportedDataset.self, from: workspace.root.appendingPathComponent("imported.json"))
    return Dataset(
      descriptor: Self.xd, root: workspace.root, videos: stored.videos,
      annotations: stored.annotations, classEvents: stored.classEvents ?? [:])
  }

  private func store() throws -> SnippetFeatureStore {
    try #require(SnippetFeatureStore.all(in: workspace.visualFeaturesRoot).first)
  }

  @Test("each crop is a training sample with all of the video's classes and its description")
  func trainingData() throws {
    let dataset = try imported()
    let stage = VisualFeatureStage(store: try store(), jobs: 1)
    let outcomes = stage.run(dataset.videos.map { ($0.id, $0.path) })
    let vectors = Dictionary(
      uniqueKeysWithValues: dataset.videos.enumerated().map { ($1.id, [Float($0), 1]) })
    let data = try TrainingData(
      dataset: dataset, stage: stage, outcomes: outcomes,
      readings: [.init(maximumSnippets: 256, descriptions: true)],
      descriptions: vectors, ledger: workspace.openLedger())
    #expect(data.videoCount == 8 && data.samples.count == 80)
    #expect(Set(data.samples.map(\.videoID)) == Set(dataset.videos(split: "train").map(\.id)))
    let several = data.samples.filter { $0.videoID.hasPrefix("v2") }
    #expect(several.count == 10 && several.allSatisfy { $0.classIndices == [1, 2] })
    #expect(several.allSatisfy { $0.isAnomalous && $0.description == vectors[$0.videoID] })
    // The crops are in their order, each with its own numbers.
    for (crop, sample) in several.enumerated() {
      #expect(try sample.features.tensor() == store().rows(id: sample.videoID, crop: crop))
    }
    #expect(data.samples.filter { !$0.isAnomalous }.allSatisfy { $0.classIndices == [0] })
  }

  private func train(_ dataset: Dataset) throws {
    let summary = try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: TrainingSources(
        visual: VisualFeatureSource(encoder: .builtIn, stored: .imported),
        descriptions: .builtIn),
      options: TrainingOptions(
        model: "mgte", presets: ["xd+no-description"],
        sets: ["modelWidth=8", "epochs=2", "learningRate=0.01"], folds: 0)
    ).run()
    #expect(summary.runs.map(\.state) == [.trained])
    // One shuffled stream of 96 sees the 80 crops in one step.
    #expect(summary.runs[0].record?.steps == 2 && summary.runs[0].record?.trainVideos == 8)
    #expect(
      summary.runs[0].record?.finalLosses.keys.sorted() == [
        "binary", "label", "separation", "total",
      ])
  }

  private func detect(_ dataset: Dataset, crops: [TestCrops]) throws -> EvaluationSummary {
    let result = try DatasetDetection(
      dataset: dataset, workspace: workspace,
      options: DatasetDetectionOptions(
        evaluates: true, visual: VisualFeatureSource(stored: .imported), crops: crops)
    ).run()
    return try #require(result?.summary)
  }

  private func scores(_ run: String) throws -> ScoreFolder {
    try ScoreFolder(reading: workspace.scoresFolder.appendingPathComponent(run))
  }

  @Test(
    "a test video is scored by the crop that its list names, and by the mean of all as a variant",
    arguments: [0, 5])
  func testCrops(listed: Int) throws {
    let dataset = try imported(testCrop: listed)
    try train(dataset)
    let summary = try detect(
      dataset, crops: [.listed, .average] + (0..<10).map(TestCrops.crop))
    #expect(summary.runs.count == 12)
    let run = summary.runs[0].id
    #expect(summary.runs[1].id == run + "-crops-average")
    #expect(summary.runs[1].variant == "mgte-xd-no-description-crops-average")
    #expect(summary.runs[1].label.hasSuffix(", mean over 10 crops"))
    #expect(summary.runs.prefix(3).map(\.testCrops) == [nil, "average", "0"])
    #expect(summary.comparisons.count == 11)
    let crops = try (0..<10).map { try scores("\(run)-crop-\($0)").videos }
    let (own, mean) = (try scores(run), try scores(run + "-crops-average"))
    #expect(own.videos == crops[listed] && own.testCrops == nil && mean.testCrops == "average")
    #expect(Set(crops.map { $0[1].scores }).count == 10)
    for video in 0..<2 {
      for (index, score) in mean.videos[video].scores.enumerated() {
        let expected = crops.reduce(0) { $0 + $1[video].scores[index] } / 10
        #expect(abs(score - expected) < 1e-6)
      }
      let classes = try #require(mean.videos[video].classScores)
      for (index, score) in classes.scalars.enumerated() {
        let expected =
          crops.reduce(0) { $0 + ($1[video].classScores?.scalars[index] ?? .nan) } / 10
        #expect(abs(score - expected) < 1e-6)
      }
    }
    let report = try String(
      contentsOf: workspace.reportFolder.appendingPathComponent("report.html"), encoding: .utf8)
    #expect(report.contains("mean over 10 crops"))
  }

  @Test("a test video with two classes has events of both, if a file says which is which")
  func severalClasses() throws {
    var dataset = try imported()
    try train(dataset)
    let folder = try scores(detect(dataset, crops: [.listed]).runs[0].id)
    let video = try #require(folder.videos.first { $0.isAnomalous == true })
    #expect(video.classNames == ["Fighting", "Shooting"] && video.events == [16..<48, 60..<70])
    #expect(video.classEvents?.map(\.className) == ["Fighting", "Shooting"])
    #expect(folder.legacyTruth.hasNormalEvents)
    let evaluation = try folder.evaluate(resamples: 0)
    #expect(evaluation.frameCount == 160 && evaluation.positiveFrameCount == 42)
    #expect(evaluation.classScores?.averagePrecision.value != nil)
    #expect(evaluation.classes.map(\.className) == ["Fighting", "Shooting"])
    #expect(
      evaluation.segments?.fixed.abnormalVideos.classes.filter { $0.className != "Normal" }
        .map(\.eventCount) == [1, 1])
    dataset = try imported(classes: false)
    let without = try detect(dataset, crops: [.listed]).runs[0]
    #expect(without.segments == nil)
    #expect(without.segmentsReason?.hasPrefix("1 of 2 videos have several classes") == true)
  }

  @Test("crops that are not stored, or that features do not have, are refused with what to do")
  func refusals() throws {
    let dataset = try imported(allCrops: false)
    try train(dataset)
    let missing = #expect(throws: PipelineError.self) {
      try detect(dataset, crops: [.average])
    }
    #expect(missing?.description.contains("crops 1, 2, 3, 4, 5 and 4 more of 10") == true)
    #expect(missing?.description.contains("--all-crops") == true)
    #expect(throws: PipelineError.self) { try detect(dataset, crops: [.crop(10)]) }
    #expect(["listed", "average", "7"].map { TestCrops($0)?.name } == ["listed", "average", "7"])
    #expect(["", "-1", "mean", "1.5"].allSatisfy { TestCrops($0) == nil })

    let place = try SmallTraining()
    _ = try place.stage(TrainingOptions(presets: ["no-dbm"], sets: ["epochs=1"])).run()
    let conflict = #expect(throws: PipelineError.self) {
      try DatasetDetection(
        dataset: place.dataset, workspace: place.workspace,
        options: DatasetDetectionOptions(
          visual: VisualFeatureSource(stored: .key(place.featuresKey)), crops: [.average])
      ).run()
    }
    #expect(conflict?.description.contains("features of 1 crop a frame") == true)
  }
}
