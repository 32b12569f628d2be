import Datasets
import Detectors
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Testing
import Workspaces

@Suite(.blocking) struct ReproductionTests {
  @Test("a range goes from the least to the greatest report, widened for seeds")
  func ranges() throws {
    func figure(_ model: String, _ dataset: String, _ measure: ReproducedMeasure) throws
      -> PublishedFigure
    {
      try #require(
        PublishedFigure.of(model: model, ablations: [], dataset: dataset)
          .first { $0.measure == measure })
    }
    let ucf = try figure("vadclip", "ucf-crime", .auc1)
    #expect(ucf.published.value == 88.02)
    let range = try #require(ucf.expected)
    #expect(abs(range.lowerBound - 86.85) < 1e-9 && abs(range.upperBound - 88.52) < 1e-9)
    // Few events: no margin, and no range of a single figure.
    #expect(try figure("vadclip", "ucf-crime", .map).expected == 6.68...7.29)
    #expect(try figure("clipfusion", "xd-violence", .map).expected == nil)
    #expect(PublishedFigure.of(model: "mgte", ablations: [], dataset: "ucf-crime").isEmpty)
    #expect(
      PublishedFigure.of(model: "dbvad", ablations: ["no-dbm"], dataset: "ucf-crime")
        .map(\.published.value) == [85.54])
    let names = Set(
      PublishedFigure.known.map { "\($0.model) \($0.ablations) \($0.dataset) \($0.measure)" })
    #expect(names.count == PublishedFigure.known.count)
  }

  @Test("a figure is within its range, or below or above it by so many points")
  func verdicts() {
    func verdict(_ values: [Double], _ expected: ClosedRange<Double>?) -> String {
      Reproduction.Figure(measure: .auc1, values: values, published: nil, expected: expected)
        .verdict
    }
    #expect(verdict([87, 88], 86.85...88.52) == "within")
    #expect(verdict([86], 86.85...88.52) == "0.85 below the range")
    #expect(verdict([88, 90], 86.85...88.52) == "0.48 above the range")
    #expect(verdict([50], nil) == "no range is known")
  }

  private func stage(_ folder: TemporaryFolder, isUnit: Bool, model: String? = nil) throws
    -> ReproductionStage
  {
    var generator = SeededGenerator(seed: 4)
    var rows = [true: "path,label\n", false: "path,label\n"]
    var annotation = ""
    for (label, count) in [("Normal", 6), ("Abuse", 6)] {
      for number in 0..<count {
        let isTest = number >= 4
        let name = "\(label)\(number)_x264"
        for crop in isTest ? [5] : Array(0..<10) {
          var values = (0..<4 * 512).map { _ in Float(generator.nextNormal()) * 0.44 }
          if isUnit {
            for row in 0..<4 {
              let range = row * 512..<(row + 1) * 512
              let norm = values[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
              for index in range { values[index] /= norm }
            }
          }
          try Npy.write(
            Tensor(shape: [4, 512], scalars: values), as: .float16,
            to: folder.file("npy/\(name)__\(crop).npy"))
          rows[isTest]? += "/x/\(name)__\(crop).npy,\(label)\n"
        }
        if isTest {
          annotation += "\(name).mp4  \(label)  \(label == "Abuse" ? "17  32" : "-1  -1")  -1  -1\n"
        }
      }
    }
    try FileManager.default.createDirectory(
      at: folder.file("lists"), withIntermediateDirectories: true)
    try Data((rows[false] ?? "").utf8).write(to: folder.file("lists/ucf_CLIP_rgb.csv"))
    try Data((rows[true] ?? "").utf8).write(to: folder.file("lists/ucf_CLIP_rgbtest.csv"))
    try Data(annotation.utf8).write(to: folder.file("lists/Temporal_Anomaly_Annotation.txt"))
    let resources = try ResourceFolders.find()
    let descriptor = try #require(
      try DatasetCatalog.descriptor(named: "ucf", in: resources.datasets))
    return ReproductionStage(
      descriptor: descriptor,
      workspace: try Workspace.create(
        at: folder.file("space"), dataset: descriptor.name, root: nil),
      descriptions: .builtIn,
      options: ReproductionOptions(
        features: folder.file("npy"), lists: folder.file("lists"), model: model,
        allowsPartial: true,
        training: TrainingOptions(
          sets: ["epochs=1", "batchSize=4", "modelWidth=8", "maximumSnippets=4"])))
  }

  @Test(
    "what can be checked is named: unit features, texts, settings, weights; and what is as it was is not"
  )
  func differences() throws {
    for isUnit in [true, false] {
      let folder = try TemporaryFolder()
      let found = try #require(
        try stage(folder, isUnit: isUnit).run(resources: ResourceFolders.find()))
      let lines = found.differences.map(\.line)
      #expect(
        lines.contains { $0.contains("scaled to length 1") && $0.contains("1.000") } == isUnit)
      #expect(!lines.contains { $0.hasPrefix("features: published CLIP ViT-B/16, width") })
      #expect(lines.contains { $0.hasPrefix("class texts:") })
      #expect(lines.contains("setting epochs: published 10; here 1"))
      #expect(lines.contains("frames of the test set: published 1114144; here 256"))
      #expect(
        lines.contains { $0.hasPrefix("weights: published the best on the test set by AUC1") })
      #expect(!lines.contains { $0.hasPrefix("setting learningRate") })
      #expect(found.presets == ["ucf"] && found.figures.map(\.measure).contains(.map))
      #expect(found.notes.contains { $0.contains("[s - 1, e)") })
    }
  }

  @Test("a model that needs descriptions says so; an unknown one is refused before files are read")
  func refused() throws {
    let folder = try TemporaryFolder()
    let dbvad = try stage(folder, isUnit: false, model: "dbvad")
    #expect(try dbvad.presetName() == "clip")
    #expect(throws: (any Error).self) {
      try dbvad.run(resources: ResourceFolders.find())
    }
    #expect(throws: DetectorError.self) {
      try stage(folder, isUnit: false, model: "nothing").run(resources: ResourceFolders.find())
    }
  }
}
