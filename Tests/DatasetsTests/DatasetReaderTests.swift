import Datasets
import Foundation
import Records
import TestSupport
import Testing

@Suite struct DatasetReaderTests {
  let folder: TemporaryFolder
  let resources: ResourceFolders

  init() throws {
    folder = try TemporaryFolder()
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    try FileManager.default.createDirectory(
      at: folder.file("res/Prompts"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: folder.file("res/Datasets"), withDestinationURL: source.appendingPathComponent("Datasets")
    )
    resources = try ResourceFolders.find(override: folder.file("res").path)
  }

  func write(_ path: String, _ text: String = "") throws {
    try AtomicFile.write(Data(text.utf8), to: folder.file("data/" + path))
  }

  var root: String { folder.file("data").path }

  func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  func makeUCF() throws {
    try write("Abuse/Abuse001_x264.mp4")
    try write("Part-1/RoadAccidents010_x264.mp4")
    try write("Training-Normal/Normal_Videos001_x264.mp4")
    try write("Testing_Normal_Videos_Anomaly/Normal_Videos_001_x264.mp4")
    try write("Normal_Videos_event/Normal_Videos_001_x264.mp4")
    try write("extra/Shooting099_x264.mp4")
    try write("notes.txt", "hello")
    try write(
      "splits/Anomaly_Train.txt",
      "Abuse/Abuse001_x264.mp4\r\nTraining_Normal_Videos_Anomaly/Normal_Videos001_x264.mp4\r\n"
        + "Arson/Arson001_x264.mp4\r\n")
    try write(
      "splits/Anomaly_Test.txt",
      "RoadAccidents/RoadAccidents010_x264.mp4\n"
        + "Testing_Normal_Videos_Anomaly/Normal_Videos_001_x264.mp4\n")
    try write(
      "Temporal_Anomaly_Annotation_for_Testing_Videos.txt",
      "RoadAccidents010_x264.mp4  RoadAccidents  21  40  60  61  \n"
        + "Normal_Videos_001_x264.mp4  Normal  -1  -1  -1  -1  \n")
  }

  @Test func `UCF lists, labels and annotation are found anywhere below the root`() throws {
    try makeUCF()
    let data = try DatasetCatalog.open("ucf", root: root, resources: resources)
    #expect(
      data.videos.map(\.id) == [
        "Abuse001_x264", "RoadAccidents010_x264", "Normal_Videos_001_x264",
        "Normal_Videos001_x264",
      ])
    #expect(data.videos(split: "train").map(\.classNames) == [["Abuse"], ["Normal"]])
    #expect(data.videos(split: "test").map(\.isAnomalous) == [true, false])
    #expect(
      data.videos[2].path.hasSuffix("Testing_Normal_Videos_Anomaly/Normal_Videos_001_x264.mp4"))
    #expect(data.missingVideos == ["Arson/Arson001_x264.mp4"])
    #expect(data.ignoredFileCount == 3)
    #expect(data.annotations["RoadAccidents010_x264"]?.events == [20..<40, 59..<61])
    #expect(data.annotations["Normal_Videos_001_x264"]?.events == [])
    #expect(try data.requiredAnnotations().count == 2)
  }

  @Test func `a missing list names what was looked for and where`() throws {
    try write("Abuse/Abuse001_x264.mp4")
    let text = message {
      _ = try DatasetCatalog.open("ucf-crime", root: root, resources: resources)
    }
    #expect(
      text.hasPrefix("\(root): no Anomaly_Train*.txt or ucf_CLIP_rgb.csv in it or below"), "\(text)"
    )
  }

  @Test func `a missing root, a file as root and no root at all are told apart`() throws {
    try write("file.txt")
    let missing = message {
      _ = try DatasetCatalog.open("xd", root: "/nowhere", resources: resources)
    }
    #expect(missing.hasPrefix("/nowhere: no such folder, expected"))
    let file = message {
      _ = try DatasetCatalog.open("xd", root: root + "/file.txt", resources: resources)
    }
    #expect(file.contains("a file, not a folder"))
    let none = message { _ = try DatasetCatalog.open("xd", resources: resources) }
    #expect(none.hasPrefix("xd-violence: the folder of its videos is not known"))
    let empty = message { _ = try DatasetCatalog.open("xd", root: root, resources: resources) }
    #expect(empty.contains("no video file in it or below"))
  }

  @Test func `XD's names carry several classes and the annotated videos are the test split`() throws
  {
    try write("1-1004/Fast.Furious__#00-10-00_00-12-05_label_B1-B2-0.mp4")
    try write("1-1004/v=abc__#1_label_A.mp4")
    try write("rest/v=xyz__#1_label_G-0-0.mp4")
    try write("test_videos/v=norm__#1_label_A.mp4")
    try write("1-1004/v=odd__#1_label_Z.mp4")
    try write("annotations.txt", "v=xyz__#1_label_G-0-0.mp4 10 20 30 45\n")
    let data = try DatasetCatalog.open("xd", root: root, resources: resources)
    let train = data.videos(split: "train")
    #expect(train.map(\.classNames) == [["Fighting", "Shooting"], ["Normal"], nil])
    #expect(train.map(\.isAnomalous) == [true, false, nil])
    let test = data.videos(split: "test")
    #expect(test.map(\.id) == ["v_xyz___1_label_G-0-0", "v_norm___1_label_A"])
    #expect(data.annotations[test[0].id]?.events == [10..<20, 30..<45])
    #expect(data.annotations[test[1].id]?.events == [])
  }

  @Test func `class folders below train and test are read`() throws {
    try write("train/normal/a.mp4")
    try write("train/RoadAccidents/b.avi")
    try write("test/normal/a.mp4")
    try write("test/RoadAccidents/c.mkv")
    try write("Temporal_Anomaly_Annotation.txt", "c.mkv  RoadAccidents  1  16  -1  -1\n")
    let data = try DatasetCatalog.open(root, resources: resources)
    #expect(data.videos.map(\.id) == ["c", "a", "b", "a~2"])
    #expect(data.videos.map(\.split) == ["test", "test", "train", "train"])
    #expect(data.videos.map(\.isAnomalous) == [true, false, true, false])
    #expect(data.descriptor.anomalyClasses.map(\.prompts) == [["road accidents"]])
    #expect(data.annotations["c"]?.events == [0..<16])
    #expect(data.isLabelled)
  }

  @Test func `folders that name no normality give unknown labels`() throws {
    try write("cam1/a b.mp4")
    try write("cam2/a b.mp4")
    let data = try DatasetCatalog.open(root, resources: resources)
    #expect(data.videos.map(\.id) == ["a_b", "a_b~2"])
    #expect(data.videos.allSatisfy { $0.classNames == nil && $0.isAnomalous == nil })
    #expect(!data.hasSplits && data.videos(split: "train").count == 2)
    #expect(data.notes.contains { $0.hasPrefix("2 of 2 labels are unknown") })
  }

  @Test func `a link back to the root is entered once`() throws {
    try write("normal/a.mp4")
    try FileManager.default.createSymbolicLink(
      at: folder.file("data/normal/loop"), withDestinationURL: folder.file("data"))
    #expect(try DatasetCatalog.open(root, resources: resources).videos.count == 1)
  }

  @Test func `an unknown name is answered with the nearest one`() {
    let text = message { _ = try DatasetCatalog.open("ucf-crme", resources: resources) }
    #expect(text.contains("known: demo, folders, shanghaitech, table, ucf-crime, xd-violence"))
    #expect(text.hasSuffix("did you mean 'ucf-crime'?"))
  }
}
