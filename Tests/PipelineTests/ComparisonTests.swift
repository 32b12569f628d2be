import Detectors
import Evaluation
import Foundation
import Pipeline
import Records
import TestSupport
import Testing
import Workspaces

@Suite(.blocking) struct ComparisonTests {
  private let quick = ["epochs=2", "batchSize=4", "modelWidth=8"]

  private func options(
    _ presets: [String] = ["dbvad:no-dbm", "vadclip:default"], sets: [String] = [], seeds: Int = 2
  ) -> ComparisonOptions {
    ComparisonOptions(
      models: ["dbvad", "vadclip"], presets: presets,
      training: TrainingOptions(sets: quick + sets, seeds: seeds))
  }

  private func compare(
    _ place: SmallTraining, _ options: ComparisonOptions, reporter: StageReporter = .silent,
    stop: StopSignal = StopSignal()
  ) throws -> ComparisonOutcome? {
    try ComparisonStage(
      dataset: place.dataset, workspace: place.workspace, ledger: place.workspace.openLedger(),
      sources: TrainingSources(
        visual: VisualFeatureSource(encoder: .builtIn, stored: .key(place.featuresKey)),
        descriptions: .builtIn),
      options: options
    ).run(reporter: reporter, stop: stop)
  }

  @Test("models are trained in one plan, scored, and compared with the first; a second time reads")
  func compares() throws {
    let place = try SmallTraining()
    let result = try #require(try compare(place, options()))
    let found = result.comparison
    #expect(found.rows.map(\.variant) == ["dbvad-no-dbm", "vadclip"] && !found.hasFailures)
    #expect(found.base == "dbvad-no-dbm" && found.videos == 6 && found.anomalousVideos == 3)
    let (first, second) = (found.rows[0], found.rows[1])
    #expect(first.runs.map(\.state) == ["trained", "trained"] && first.runs.map(\.seed) == [1, 2])
    #expect(first.areaDifference == nil && first.segments == nil && second.segments != nil)
    let difference = try #require(second.areaDifference)
    #expect(difference.seeds == 2 && difference.interval != nil)
    let (a, b) = (try #require(first.areaUnderROC), try #require(second.areaUnderROC))
    #expect(abs(difference.difference - (b.mean - a.mean)) < 1e-12)
    #expect(b.least == b.values.min() && b.greatest == b.values.max())
    #expect(first.parameters ?? 0 > 0 && first.parameters != second.parameters)
    #expect(found.rows.allSatisfy { $0.seconds != nil && $0.memoryBytes ?? 0 > 0 })
    #expect(second.classes.map(\.className) == ["Arson", "Fighting"])
    #expect(found.disagreements.count == 6)
    #expect(
      zip(found.disagreements, found.disagreements.dropFirst()).allSatisfy {
        $0.spread >= $1.spread
      })

    // What the files hold is what was found.
    func file(_ kind: String) -> URL { ModelComparison.file(kind, in: place.workspace) }
    #expect(try JSONRecord.read(ModelComparison.self, from: file("json")) == found)
    let csv = try String(contentsOf: file("csv"), encoding: .utf8).split(separator: "\n")
    #expect(csv.count == 3 && csv[2].hasPrefix("vadclip,vadclip,ucf,2,2,\(b.mean),"))
    let widths = Set(csv.prefix(1).map { $0.split(separator: ",").count })
    #expect(widths == [csv[1].split(separator: ",", omittingEmptySubsequences: false).count])
    let page = try String(contentsOf: #require(result.page), encoding: .utf8)
    #expect(page.contains("Where they disagree most") && page.contains("AUC by class"))
    #expect(page.matches(of: /<details/).count == 6)

    // The evaluation of each run is that of detect.
    let detected = try #require(
      try DatasetDetection(
        dataset: place.dataset, workspace: place.workspace,
        options: DatasetDetectionOptions(
          evaluates: true, visual: VisualFeatureSource(stored: .key(place.featuresKey)))
      ).run()?.summary)
    #expect(
      detected.runs.map(\.areaUnderROC) == found.rows.flatMap(\.runs).map(\.areaUnderROC))

    let again = try #require(try compare(place, options())).comparison
    #expect(again.rows.flatMap(\.runs).allSatisfy { $0.state == "kept" && $0.scoresWereStored })
    #expect(again.rows.map(\.areaDifference) == found.rows.map(\.areaDifference))
    // Other labels are other scores, and the training of before.
    var changed = place
    changed.dataset.annotations["v13"]?.events = [16..<64]
    let other = try #require(try compare(changed, options())).comparison
    #expect(other.rows.flatMap(\.runs).allSatisfy { $0.state == "kept" && !$0.scoresWereStored })
    #expect(other.positiveFrames == found.positiveFrames + 16)
  }

  @Test("a run of one model alone is the run of a comparison, and one more seed trains that alone")
  func reuses() throws {
    let place = try SmallTraining()
    let alone = try place.stage(TrainingOptions(model: "vadclip", sets: quick)).run()
    let found = try #require(try compare(place, options())).comparison
    #expect(found.rows[1].runs[0].id == alone.runs[0].id)
    #expect(found.rows[1].runs.map(\.state) == ["kept", "trained"])
  }

  @Test("stopped, it returns nothing; the same again goes on to the same figures")
  func stops() throws {
    let (whole, parts) = (try SmallTraining(), try SmallTraining())
    let stop = StopSignal()
    let reporter = StageReporter { event in
      if case .note(let text) = event, text.hasPrefix("training") { stop.request() }
    }
    #expect(try compare(parts, options(), reporter: reporter, stop: stop) == nil)
    #expect(
      !FileManager.default.fileExists(
        atPath: ModelComparison.file("json", in: parts.workspace).path))
    let resumed = try #require(try compare(parts, options())).comparison
    let once = try #require(try compare(whole, options())).comparison
    #expect(resumed.rows.map(\.areaUnderROC) == once.rows.map(\.areaUnderROC))
  }

  @Test("a model without its descriptions and one that diverges are named; the others finish")
  func failures() throws {
    let place = try SmallTraining()
    let result = try #require(
      try compare(
        place,
        options(
          ["dbvad:default", "dbvad:no-dbm", "vadclip:default"],
          sets: ["vadclip:learningRate=1e30"])))
    let found = result.comparison
    #expect(found.rows.map(\.variant) == ["dbvad", "dbvad-no-dbm", "vadclip"])
    #expect(found.hasFailures && found.base == "dbvad-no-dbm")
    #expect(found.rows[0].runs.allSatisfy { $0.reason?.hasPrefix("it needs descriptions") == true })
    #expect(found.rows[2].runs.map(\.state) == ["diverged", "diverged"])
    #expect(found.rows[2].runs.allSatisfy { $0.reason?.contains("is not finite") == true })
    #expect(found.rows[1].areaUnderROC != nil && found.rows[2].areaUnderROC == nil)
    #expect(found.tableRows.map { $0[1] } == ["0 of 2 (failed)", "2", "0 of 2 (diverged)"])
    #expect(found.failures.contains { $0.hasPrefix("dbvad, seeds 1, 2: it needs descriptions") })
    let page = try String(contentsOf: #require(result.page), encoding: .utf8)
    #expect(page.contains("it needs descriptions"))
    // Where nothing has figures, the failures are told all the same, and no old page stays.
    let none = try #require(
      try compare(
        place, options(["dbvad:default", "vadclip:default"], sets: ["learningRate=1e30"])))
    #expect(none.page == nil && none.comparison.rows.count == 2)
    #expect(
      !FileManager.default.fileExists(
        atPath: ModelComparison.file("html", in: place.workspace).path))
  }

  @Test("an evaluation that is impossible is refused before anything is trained")
  func refused() throws {
    var place = try SmallTraining()
    place.dataset.annotations = [:]
    #expect(throws: (any Error).self) { try compare(place, options()) }
    place.dataset.videos.removeAll { $0.split == "test" }
    #expect(throws: PipelineError.self) { try compare(place, options()) }
    #expect(!FileManager.default.fileExists(atPath: place.workspace.runsFolder.path))
  }

  @Test("presets of one model, of all, and settings of one")
  func plans() throws {
    func presets(_ models: [String], _ presets: [String], sets: [String] = []) throws -> [String] {
      try ComparisonOptions(
        models: models, presets: presets, training: TrainingOptions(sets: sets)
      ).plan().presets
    }
    #expect(
      try presets([], []) == DetectorRegistry.standard.families.map { "\($0.name):" })
    #expect(
      try presets(["vadclip", "dbvad"], ["default", "dbvad:no-dbm"])
        == ["vadclip:", "dbvad:", "dbvad:no-dbm"])
    #expect(
      try presets(["vadclip", "dbvad"], ["dbvad:no-dbm"]) == ["vadclip:", "dbvad:no-dbm"])
    #expect(try presets(["dbvad", "vadclip"], [], sets: ["vadclip:window=16"]).count == 2)
    #expect(throws: DetectorError.self) {
      try presets(["dbvad", "vadclip"], [], sets: ["window=16"])
    }
    #expect(throws: DetectorError.self) { try presets(["dbvad"], ["dbvad:nothing"]) }
    #expect(throws: DetectorError.self) { try presets(["nothing"], []) }
    #expect(throws: DetectorError.self) { try presets(["dbvad"], ["nothing:default"]) }
    #expect(throws: PipelineError.self) { try presets(["dbvad"], ["vadclip:default"]) }
    // Two bases that name their runs alike.
    #expect(throws: PipelineError.self) {
      try presets(["vadclip"], ["vadclip:ucf", "vadclip:builtin"])
    }
  }
}
