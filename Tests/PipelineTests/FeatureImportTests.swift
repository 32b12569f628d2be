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
    let part = try list("ucf_CLIP_rgb.csv", [("Abuse001_x264", 0..<10, "Abuse")])
    #expect(try run([part]).failures.isEmpty)
    let again = try run([part])
    #expect(again.alreadyStored == 1 && again.lines.contains { $0.hasPrefix("nothing to do") })
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

  // MARK: - Files with all crops

  /// Writes an array with three axes: the number of each element is that of its crop.
  private func array(_ name: String, snippets: Int, crops: Int, width: Int, isCropFirst: Bool)
    throws
  {
    var scalars: [Float] = []
    for outer in 0..<(isCropFirst ? crops : snippets) {
      for inner in 0..<(isCropFirst ? snippets : crops) {
        let (crop, snippet) = isCropFirst ? (outer, inner) : (inner, outer)
        scalars += [Float](repeating: Float(crop * 100 + snippet), count: width)
      }
    }
    let shape = isCropFirst ? [crops, snippets, width] : [snippets, crops, width]
    try FileManager.default.createDirectory(
      at: folder.file("npy"), withIntermediateDirectories: true)
    try Npy.write(Tensor(shape: shape, scalars: scalars), to: folder.file("npy/\(name).npy"))
  }

  private func paths(_ name: String, _ files: [String]) throws -> URL {
    let file = folder.file(name)
    try Data(files.map { "/home/somebody/i3d/\($0).npy\n" }.joined().utf8).write(to: file)
    return file
  }

  private func runArrays(_ list: URL, layout: CropLayout? = nil) throws -> FeatureImportReport {
    try FeatureImport(
      features: folder.file("npy"), lists: [list], descriptor: descriptor, layout: layout
    ).run(into: workspace)
  }

  @Test(
    "files with all crops are imported crop by crop, whichever axis the crops are on",
    arguments: [(false, 10, 2048), (true, 10, 1024), (false, 5, 1024), (true, 5, 512)])
  func arraysWithCrops(isCropFirst: Bool, crops: Int, width: Int) throws {
    // 10 snippets and 10 crops: the other file decides.
    for (name, snippets) in [("Abuse001_x264_i3d", 10), ("Normal_Videos_003_x264_i3d", 7)] {
      try array(name, snippets: snippets, crops: crops, width: width, isCropFirst: isCropFirst)
    }
    let list = try paths("ucf-i3d.list", ["Abuse001_x264_i3d", "Normal_Videos_003_x264_i3d"])
    let report = try runArrays(list)
    #expect(report.failures.isEmpty && report.missingCrops.isEmpty && report.width == width)
    #expect(report.layout == (isCropFirst ? .cropsFirst : .snippetsFirst))
    #expect(report.videos == 2 && report.crops == crops && report.snippets == 17 * crops)
    let store = try #require(SnippetFeatureStore.all(in: workspace.visualFeaturesRoot).first)
    #expect(
      store.provenance.encoder.kind == "imported" && store.provenance.encoder.dimension == width)
    for (id, snippets) in [("Abuse001_x264", 10), ("Normal_Videos_003_x264", 7)] {
      #expect(try store.record(id: id)?.crops == Array(0..<crops))
      for crop in 0..<crops {
        let rows = try store.rows(id: id, crop: crop)
        #expect(rows.shape == [snippets, width])
        #expect(
          (0..<snippets).allSatisfy {
            rows[row: $0].scalars.allSatisfy([Float(crop * 100 + $0)].contains)
          })
      }
    }
    let stored = try JSONRecord.read(
      ImportedDataset.self, from: workspace.root.appendingPathComponent("imported.json"))
    #expect(stored.videos.map(\.classNames) == [["Abuse"], ["Normal"]])
    // Again: nothing is read; a changed file is.
    let again = try runArrays(list)
    #expect(again.alreadyStored == 2 && again.lines.contains { $0.hasPrefix("nothing to do") })
    try array(
      "Normal_Videos_003_x264_i3d", snippets: 8, crops: crops, width: width,
      isCropFirst: isCropFirst)
    #expect(try runArrays(list).alreadyStored == 1)
    #expect(try store.rows(id: "Normal_Videos_003_x264", crop: 1).shape == [8, width])
  }

  @Test("axes that no file decides are refused, and --layout decides them")
  func ambiguousAxes() throws {
    try array("Abuse001_x264", snippets: 10, crops: 10, width: 16, isCropFirst: true)
    let list = try paths("train.list", ["Abuse001_x264"])
    let error = #expect(throws: PipelineError.self) { try runArrays(list) }
    #expect(error?.description.contains("--layout n-crop-d") == true)
    #expect(error?.description.contains("Abuse001_x264.npy") == true)
    #expect(try runArrays(list, layout: .cropsFirst).videos == 1)
    let store = try #require(SnippetFeatureStore.all(in: workspace.visualFeaturesRoot).first)
    #expect(try store.rows(id: "Abuse001_x264", crop: 3).scalars[0] == 300)
    // No axis has the same number of crops in both files.
    try array("Abuse002_x264", snippets: 7, crops: 3, width: 16, isCropFirst: true)
    let other = #expect(throws: PipelineError.self) {
      try runArrays(try paths("train.list", ["Abuse001_x264", "Abuse002_x264"]))
    }
    #expect(other?.description.contains("Abuse002_x264.npy has [3, 7, 16]") == true)
  }

  @Test("files of two widths are refused with a file of each, before anything is stored")
  func mixedWidths() throws {
    try features("Abuse001_x264", crops: 0..<10)
    try Npy.write(
      Tensor(shape: [3, 6], repeating: 1), to: folder.file("npy/Abuse/Abuse002_x264__0.npy"))
    let error = #expect(throws: PipelineError.self) {
      try run([
        list("l.csv", [("Abuse001_x264", 0..<10, "Abuse"), ("Abuse002_x264", 0..<1, "Abuse")])
      ])
    }
    let text = error?.description ?? ""
    #expect(text.contains("Abuse002_x264__0.npy: features of width 6"), "\(text)")
    #expect(text.contains("4 in Abuse001_x264__0.npy"), "\(text)")
    #expect(SnippetFeatureStore.all(in: workspace.visualFeaturesRoot).isEmpty)
  }

  @Test("a list of paths needs names that give classes; whole numbers are told")
  func listsOfPaths() throws {
    try array("street9", snippets: 2, crops: 5, width: 4, isCropFirst: false)
    let error = #expect(throws: PipelineError.self) { try runArrays(paths("a.list", ["street9"])) }
    #expect(error?.description.contains("street9") == true)
    let labelled = folder.file("labelled.csv")
    try Data("path,label\n/x/street9.npy,Abuse\n".utf8).write(to: labelled)
    #expect(try runArrays(labelled).videos == 1)
    let rows = try FeatureList(
      "/x/a__3.npy\n/x/O.Brother,Where_label_A__#1_i3d.npy\n", split: "train", path: "l"
    ).rows
    #expect(rows.map(\.crop) == [3, nil] && rows.allSatisfy { $0.label == nil })
    #expect(rows.map(\.video) == ["a", "O.Brother,Where_label_A__#1"])
    var report = try runArrays(labelled)
    report.elementTypes = ["|i1": 2]
    #expect(report.lines.contains { $0.contains("2 files hold whole numbers (|i1)") })
  }
}
