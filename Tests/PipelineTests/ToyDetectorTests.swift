import Datasets
import Detectors
import Encoders
import Evaluation
import Foundation
import NeuralNetworks
import Pipeline
import Records
import Reports
import Tensors
import TestSupport
import Testing
import Training
import Workspaces

/// A second family, for the proof that one type and one line in the registry are enough:
/// a linear score and linear class logits. CONTRIBUTING.md shows it.
private final class ToyDetector<Scalar: TensorScalar>: AnomalyDetector {
  struct Configuration: DetectorConfiguration {
    var bias = true
    static var help: [String: String] { ["bias": "whether the layers have biases"] }
    func validate() throws {}
  }

  static var name: String { "toy" }
  static var title: String { "Toy" }
  static var reference: String { "nobody, nowhere" }
  static var presets: [DetectorPreset<Configuration>] {
    [
      .base("small", "two linear layers") { $0.training.batchSize = 4 },
      .ablation("no-bias", "without biases") { $0.model.bias = false },
    ]
  }

  private let score, classes: Linear<Scalar>
  private let divisor: Int

  init(
    _ configuration: Configuration, inputs: DetectorInputs, labels: LabelEmbeddings<Scalar>,
    generator: inout SeededGenerator
  ) throws {
    score = Linear(inputs.visualWidth, 1, bias: configuration.bias, generator: &generator)
    classes = Linear(
      inputs.visualWidth, inputs.classes.count, bias: configuration.bias, generator: &generator)
    divisor = inputs.topKDivisor
  }

  func callAsFunction(_ x: Variable<Scalar>, lengths: [Int]) -> DetectorOutput<Scalar> {
    DetectorOutput(
      logits: score(x).reshaped(Array(x.shape.dropLast())), classLogits: classes(x))
  }

  func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>] {
    let output = self(Variable(batch.features), lengths: batch.lengths)
    let pooled = output.logits.sigmoid().topKMean(lengths: batch.lengths, divisor: divisor)
    let binary = BinaryCrossEntropy.ofProbabilities(pooled, targets: batch.targets)
    let steps = batch.features.shape[1]
    let shares = batch.lengths.flatMap { length in
      (0..<steps).map { $0 < length ? 1 / Scalar(length) : 0 }
    }
    let means = classes(Variable(batch.features)).weightedSumOverTime(
      Variable(Tensor(shape: [batch.lengths.count, steps], scalars: shares)))
    let labels = CrossEntropy.ofLogits(means, classes: batch.classIndices.map { $0[0] })
    return [LossTerm("binary", binary), LossTerm("class", labels, weight: 0.5)]
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [("score", score), ("classes", classes)]
  }
}

@Suite(.blocking) struct ToyDetectorTests {
  private let registry = DetectorRegistry(
    DetectorRegistry.standard.families + [DetectorFamily(ToyDetector<Float>.self)])

  private func stage(
    _ place: SmallTraining, presets: [String] = [""], seeds: Int = 1, sets: [String] = ["epochs=2"]
  ) throws -> TrainingStage {
    try place.stage(
      TrainingOptions(model: "toy", presets: presets, sets: sets, seeds: seeds),
      registry: registry)
  }

  @Test("it trains, is interrupted, resumes to the same bits, and is not trained twice")
  func trains() throws {
    let place = try SmallTraining()
    let summary = try stage(place, presets: ["", "no-bias"], seeds: 2).run()
    #expect(summary.runs.map(\.state) == [.trained, .trained, .trained, .trained])
    #expect(summary.runs.compactMap(\.record).map(\.variant).suffix(1) == ["toy-no-bias"])
    #expect(summary.runs[0].record?.finalLosses.keys.sorted() == ["binary", "class", "total"])
    let again = try stage(place, presets: ["", "no-bias"], seeds: 2).run()
    #expect(again.isUpToDate && again.runs.map(\.id) == summary.runs.map(\.id))
    // One more seed trains that one alone.
    let more = try stage(place, presets: ["", "no-bias"], seeds: 3).run()
    #expect(more.runs.map(\.state) == [.kept, .kept, .trained, .kept, .kept, .trained])

    let other = try SmallTraining()
    let stop = StopSignal()
    let reporter = StageReporter { event in
      if case .note(let text) = event, text.hasPrefix("training") { stop.request() }
    }
    let stopped = try stage(other, seeds: 2).run(reporter: reporter, stop: stop)
    #expect(stopped.runs.allSatisfy { $0.state == .stopped })
    let resumed = try stage(other, seeds: 2).run()
    #expect(resumed.runs.allSatisfy { $0.record != nil })
    func weights(_ place: SmallTraining, _ id: String) throws -> [Tensor<Float>] {
      try DetectorCheckpoint(
        url: RunRecord.checkpoint(of: id, in: place.workspace), registry: registry
      ).model().namedParameters.map(\.variable.value)
    }
    for (a, b) in zip(summary.runs.prefix(2), resumed.runs) {
      #expect(try weights(place, a.id) == weights(other, b.id))
    }
  }

  @Test("a model that gives no graph is not exported, in either format")
  func export() throws {
    let place = try SmallTraining()
    let summary = try stage(place, sets: ["epochs=1"]).run()
    let url = RunRecord.checkpoint(of: summary.runs[0].id, in: place.workspace)
    let export = try DetectorExport(DetectorCheckpoint(url: url, registry: registry))
    let out = place.workspace.url(ofRelativePath: "out.onnx")
    for format in DetectorExport.Format.allCases {
      #expect(throws: DetectorError.noExport(model: "toy")) {
        try export.write(format, to: out, program: "test")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: out.path))
  }

  @Test("its scores and class scores reach files, evaluation and report")
  func detects() throws {
    let place = try SmallTraining()
    _ = try stage(place).run()
    let result = try #require(
      try DatasetDetection(
        dataset: place.dataset, workspace: place.workspace,
        options: DatasetDetectionOptions(
          evaluates: true, visual: VisualFeatureSource(stored: .key(place.featuresKey))),
        registry: registry
      ).run())
    let summary = try #require(result.summary)
    #expect(summary.runs.map(\.label) == ["Toy"] && summary.comparisons.isEmpty)
    let run = summary.runs[0].id
    let scores = try ScoreFolder(
      reading: place.workspace.scoresFolder.appendingPathComponent(run))
    #expect(scores.classes == place.classes && scores.videos == result.videos)
    for video in scores.videos {
      let rows = try #require(video.classScores)
      #expect(rows.shape == [video.scores.count, place.classes.count])
      #expect(
        (0..<rows.shape[0]).allSatisfy {
          abs(rows[rows: $0..<$0 + 1].scalars.reduce(0, +) - 1) < 1e-5
        })
    }
    let evaluation = try JSONRecord.read(
      EvaluationResult.self,
      from: place.workspace.runFolder(run).appendingPathComponent("evaluation.json"))
    #expect(evaluation.classes.allSatisfy { $0.classScoreAreaUnderROC?.value != nil })
    // What detection found is what its files give.
    #expect(scores.normalClass == "Normal" && !scores.legacyTruth.hasNormalEvents)
    #expect(try scores.evaluate() == evaluation)
    let second = try #require(evaluation.classScores)
    let segments = try #require(evaluation.segments)
    #expect(summary.runs[0].classAreaUnderROC == second.areaUnderROC.value)
    #expect(summary.runs[0].segments == segments && summary.segmentReason == nil)
    #expect(segments.legacy.population.classes.map(\.className) == place.classes)
    #expect(segments.fixed.abnormalVideos.classes.map(\.eventCount) == [2, 1])
    #expect(summary.rows.map { $0[1] } == ["binary", "class"])
    #expect(
      summary.segmentRows.map { $0[0] } == [
        "vadclip-legacy", "fixed, abnormal videos", "fixed, all videos",
        "any class, abnormal videos", "any class, all videos",
      ])
    let page = try String(contentsOf: result.page, encoding: .utf8)
    #expect(page.contains("mAP@IoU") && page.contains("vadclip-legacy"))
    #expect(page.contains("<th scope=\"row\">Arson</th>"))
    let report = try DetectionReport.read(
      from: place.workspace.reportFolder.appendingPathComponent("report.json"))
    #expect(report.metrics.map(\.variant).contains("Toy, class scores"))
    for video in report.videos {
      #expect(video.classCurves?.map(\.name) == ["Fighting", "Arson"])
      #expect(video.detections.allSatisfy { ["Fighting", "Arson"].contains($0.className) })
    }
    #expect(page.contains("Toy") && place.classes.dropFirst().allSatisfy { page.contains($0) })
  }

  @Test("the data set decides how VadCLIP's code takes it, and gives events their classes")
  func legacyTruth() throws {
    var place = try SmallTraining()
    _ = try stage(place).run()
    func segments() throws -> (result: EvaluationSummary.Run, folder: ScoreFolder) {
      let result = try #require(
        try DatasetDetection(
          dataset: place.dataset, workspace: place.workspace,
          options: DatasetDetectionOptions(
            evaluates: true, visual: VisualFeatureSource(stored: .key(place.featuresKey))),
          registry: registry
        ).run())
      let run = try #require(result.summary?.runs.first)
      return (
        run,
        try ScoreFolder(reading: place.workspace.scoresFolder.appendingPathComponent(run.id))
      )
    }
    // As XD-Violence: normal videos have the code A, and a video has two classes.
    place.dataset.descriptor.classes[0].code = "A"
    let several = try #require(
      place.dataset.videos.firstIndex { $0.split == "test" && $0.isAnomalous == true })
    let id = place.dataset.videos[several].id
    place.dataset.videos[several].classNames = ["Fighting", "Arson"]
    let unknown = try segments().result
    #expect(unknown.segments == nil)
    #expect(unknown.segmentsReason?.hasPrefix("1 of 6 videos have several classes") == true)
    place.dataset.classEvents = try XDClassAnnotationFile.parse(
      "\(id) Fighting 32 64 Arson 40 64\n", file: "classes.txt",
      descriptor: place.dataset.descriptor)
    let known = try segments()
    let legacy = try #require(known.result.segments?.legacy)
    #expect(legacy.truth == LegacyTruth(hasNormalEvents: true))
    #expect(legacy.population.classes[0].eventCount == 3)
    #expect(legacy.population.classes.dropFirst().map(\.eventCount).reduce(0, +) == 4)
    #expect(known.folder.videos.first { $0.id == id }?.classEvents?.count == 2)
    // As UCF-Crime: pairs (s, e) that the code reads as [s, e).
    place.dataset.descriptor.classes[0].code = nil
    place.dataset.descriptor.annotations = try JSONDecoder().decode(
      AnnotationDescriptor.self, from: Data(#"{"format": "ucf", "files": []}"#.utf8))
    #expect(
      try segments().result.segments?.legacy.truth
        == LegacyTruth(hasNormalEvents: false, startShift: 1))
  }
}
