import Datasets
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Testing
import Workspaces

@Suite struct FeatureImportTests {
  private let folder: TemporaryFolder
  private let workspace: Workspace
  private let descriptor = DatasetDescriptor(
    name: "ucf-crime", title: "Like UCF-Crime", layout: .ucf,
    classes: [
      ClassDescriptor(name: "Normal", isNormal: true), ClassDescriptor(name: "Abuse"),
    ])

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.create(
      at: folder.file("space"), dataset: "ucf-crime", root: nil)
  }

  /// Features of a video as VadCLIP has them; every number is the crop's.
  private func features(_ video: String, crops: Range<Int>, snippets: Int = 3) throws {
    for crop in crops {
      try Npy.write(
        Tensor(shape: [snippets, 4], repeating: Float(crop)), as: .float16,
        to: folder.file("npy/Abuse/\(video)__\(crop).npy"))
    }
  }

  private func list(_ name: String, _ rows: [(String, Range<Int>, String)]) throws -> URL {
    let lines = rows.flatMap { video, crops, label in
      crops.map { "/home/somebody/UCFClipFeatures/\(label)/\(video)__\($0).npy,\(label)" }
    }
    let file = folder.file(name)
    try Data((["path,label"] + lines).joined(separator: "\n").utf8).write(to: file)
    return file
  }

  private func run(_ lists: [URL], annotation: URL? = nil) throws -> FeatureImportReport {
    try FeatureImport(
      features: folder.file("npy"), lists: lists, descriptor: descriptor, annotation: annotation
    ).run(into: workspace)
  }

  @Test("features and lists become a store and a data set that need no videos")
  func releasedFeaturesBecomeADataset() throws {
    try features("Abuse001_x264", crops: 0..<10)
    try features("Normal_Videos_003_x264", crops: 5..<6, snippets: 7)
    let annotation = folder.file("annotation.txt")
    try Data("Normal_Videos_003_x264.mp4  Normal  -1  -1  -1  -1\n".utf8).write(to: annotation)
    let report = try run(
      [
        list("ucf_CLIP_rgb.csv", [("Abuse001_x264", 0..<10, "Abuse")]),
        list("ucf_CLIP_rgbtest.csv", [("Normal_Videos_003_x264", 5..<6, "Normal")]),
      ], annotation: annotation)
    #expect(report.failures.isEmpty && report.missingCrops.isEmpty)
    #expect(report.videos == 2 && report.files == 11 && report.snippets == 37)
    #expect(report.elementTypes == ["<f2": 11])
    #expect(report.splits.map(\.anomalousRows) == [10, 0])
    #expect(report.splits[0].differences.first?.contains("16100") == true)

    let store = try #require(SnippetFeatureStore.all(in: workspace.visualFeaturesRoot).first)
    #expect(store.provenance.imported?.lists.count == 2 && store.encoder == nil)
    let test = try store.prepare(id: "Normal_Videos_003_x264", path: "nowhere").record
    #expect(test.testCrop == 5 && test.frameCount == 112 && test.crops == [5])
    #expect(try store.rows(id: "Normal_Videos_003_x264").scalars[0] == 5)
    #expect(try store.rows(id: "Abuse001_x264", crop: 8).scalars[0] == 8)
    let stored = try JSONRecord.read(
      ImportedDataset.self, from: workspace.root.appendingPathComponent("imported.json"))
    #expect(stored.videos.map(\.split) == ["train", "test"])
    #expect(stored.videos.map(\.classNames) == [["Abuse"], ["Normal"]])
    #expect(stored.annotations["Normal_Videos_003_x264"]?.events == [])
    // Again: the same store, the same files.
    #expect(
      try run([list("ucf_CLIP_rgb.csv", [("Abuse001_x264", 0..<10, "Abuse")])]).failures.isEmpty)
  }

  @Test("missing crops, missing files, lengths that differ and NaN are each reported")
  func defectsAreReported() throws {
    try features("Abuse001_x264", crops: 0..<8)
    try features("Abuse002_x264", crops: 0..<10)
    try features("Abuse002_x264", crops: 4..<5, snippets: 2)
    try features("Abuse003_x264", crops: 0..<10)
    try Npy.write(
      Tensor(shape: [3, 4], repeating: Float.nan),
      to: folder.file("npy/Abuse/Abuse003_x264__9.npy"))
    let report = try run([
      list(
        "ucf_CLIP_rgb.csv",
        [
          ("Abuse001_x264", 0..<10, "Abuse"), ("Abuse002_x264", 0..<10, "Abuse"),
          ("Abuse003_x264", 0..<10, "Abuse"),
        ])
    ])
    #expect(report.videos == 1)
    #expect(report.missingCrops == ["Abuse001_x264": [8, 9]])
    #expect(report.failures.count == 4)
    #expect(report.failures.contains { $0.contains("2 snippets in crop 4") })
    #expect(report.failures.contains { $0.contains("non-finite") })
  }

  @Test("what is no list, no class or no features is refused by name")
  func otherFilesAreRefused() throws {
    try features("Abuse001_x264", crops: 0..<10)
    let bad = folder.file("bad.csv")
    try Data("path,label\na.mp4,Abuse\n".utf8).write(to: bad)
    #expect(throws: RecordError.self) { try run([bad]) }
    #expect(throws: DatasetError.self) {
      try run([list("x.csv", [("Abuse001_x264", 0..<10, "Flying")])])
    }
    #expect(throws: PipelineError.self) {
      try run([list("x.csv", [("Abuse009_x264", 0..<10, "Abuse")])])
    }
  }

  @Test("a film's name with commas is read; the label is what follows the last one")
  func namesWithCommasAreRead() throws {
    let list = try FeatureList(
      "path,label\n/x/O.Brother,Where__#1_label_B1-B2-0__3.npy,B1-B2-0\n", split: "train",
      path: "l.csv")
    #expect(list.rows[0].video == "O.Brother,Where__#1_label_B1-B2-0" && list.rows[0].crop == 3)
    #expect(list.rows[0].label == "B1-B2-0")
  }
}
