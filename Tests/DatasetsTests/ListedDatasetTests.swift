import Datasets
import Foundation
import Records
import TestSupport
import Testing

/// The forms of lists and annotations that users' copies of the data sets have.
@Suite struct ListedDatasetTests {
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

  var root: String { folder.file("data").path }

  func write(_ path: String, _ text: String = "") throws {
    try AtomicFile.write(Data(text.utf8), to: folder.file("data/" + path))
  }

  /// A NumPy array of one byte a frame.
  func writeMask(_ path: String, _ frames: [UInt8], type: String = "|i1") throws {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(frames.count),), }"
    header += String(repeating: " ", count: 117 - header.count) + "\n"
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
    try AtomicFile.write(
      Data(start + Array(header.utf8) + frames), to: folder.file("data/" + path))
  }

  @Test func `VadCLIP's tables list each video once, whatever the number of crops`() throws {
    try write("Abuse/Abuse001_x264.mp4")
    try write("Normal/Normal_Videos003_x264.mp4")
    try write("test/Arson009_x264.mp4")
    func rows(_ path: String, _ label: String) -> String {
      (0..<10).map { "/home/x/UCFClipFeatures/\(path)__\($0).npy,\(label)\n" }.joined()
    }
    try write(
      "list/ucf_CLIP_rgb.csv",
      "path,label\n" + rows("Abuse/Abuse001_x264", "Abuse")
        + rows("Normal/Normal_Videos003_x264", "Normal"))
    try write(
      "list/ucf_CLIP_rgbtest.csv", "path,label\n/home/x/Arson/Arson009_x264__5.npy,Arson\n")
    let data = try DatasetCatalog.open("ucf", root: root, resources: resources)
    #expect(data.videos(split: "train").map(\.id) == ["Abuse001_x264", "Normal_Videos003_x264"])
    #expect(data.videos(split: "test").map(\.id) == ["Arson009_x264"])
    #expect(data.repeatedEntries.isEmpty && data.missingVideos.isEmpty)
  }

  @Test func `XD-Violence is split by VadCLIP's lists where they are there`() throws {
    try write("v=a__#1_label_B1-0-0.mp4")
    try write("Film.1999__#00-1_00-2_label_A.mp4")
    try write(
      "xd_CLIP_rgbtest.csv", "path,label\n/x/Film.1999__#00-1_00-2_label_A__0.npy,A\n")
    let data = try DatasetCatalog.open("xd", root: root, resources: resources)
    #expect(data.videos(split: "test").map(\.isAnomalous) == [false])
    #expect(data.videos(split: "train").map(\.classNames) == [["Fighting"]])
  }

  @Test func `ShanghaiTech's videos, folders of images and frame masks are read`() throws {
    try write("training/videos/01_001.avi")
    for frame in 0..<6 { try write("testing/frames/01_0014/00\(frame).jpg") }
    for frame in 0..<3 { try write("testing/frames/02_0128/00\(frame).jpg") }
    try write("testing/frames/12_0175/000.jpg")
    try writeMask("testing/test_frame_mask/01_0014.npy", [0, 1, 1, 0, 0, 1])
    try writeMask("testing/test_frame_mask/02_0128.npy", [1, 1, 1], type: "|u1")
    try write("SH_Train.txt", "01_001\n02_0128\n")
    try write("SH_Test.txt", "01_0014\n")
    let data = try DatasetCatalog.open("shanghaitech", root: root, resources: resources)
    #expect(data.videos.map(\.id).sorted() == ["01_001", "01_0014", "02_0128"])
    #expect(data.videos(split: "train").map(\.isAnomalous) == [true, false])
    let test = data.videos(split: "test")
    #expect(test.map(\.sceneID) == ["01"] && test[0].path.hasSuffix("testing/frames/01_0014"))
    #expect(data.annotations["01_0014"]?.events == [1..<3, 5..<6])
    #expect(data.labelledFrames == ["01_0014": 6, "02_0128": 3])
    #expect(data.extraVideos == ["testing/frames/12_0175"])
  }

  @Test(arguments: ["|S3", "<c8"]) func `a mask of another type is refused by name`(type: String)
    throws
  {
    try write("testing/frames/01_0014/000.jpg")
    try write("SH_Train.txt", "01_0014\n")
    try write("SH_Test.txt", "01_0014\n")
    try writeMask("testing/test_frame_mask/01_0014.npy", [0], type: type)
    let error = try #require(throws: DatasetError.self) {
      try DatasetCatalog.open("sht", root: root, resources: resources)
    }
    #expect(error.description.contains("01_0014.npy"))
    #expect(error.description.contains(String(type.dropFirst())))
  }

  @Test func `a table of the user's own gives classes, splits and events`() throws {
    try write("cam/a.mp4")
    try write("cam/b, c.mp4")
    try write("d.mp4")
    try write(
      "mine.csv",
      "video,class,split,events\r\ncam/a.mp4,Normal,train,\r\n"
        + "\"cam/b, c.mp4\",Fall|Fire,test,30-75|5-10\r\nd.mp4,,test,\r\nlost.mp4,Fall,test,\r\n")
    let data = try DatasetCatalog.open(root + "/mine.csv", resources: resources)
    #expect(data.descriptor.name == "mine")
    #expect(data.videos.map(\.id) == ["a", "b__c", "d"])
    #expect(data.videos.map(\.classNames) == [["Normal"], ["Fall", "Fire"], nil])
    #expect(data.videos.map(\.isAnomalous) == [false, true, nil])
    #expect(data.videos(split: "test").map(\.id) == ["b__c", "d"])
    #expect(data.annotations["b__c"]?.events == [5..<10, 30..<75])
    #expect(data.annotations["a"]?.events == [] && data.annotations["d"] == nil)
    #expect(data.missingVideos == ["lost.mp4"])
    #expect(data.descriptor.anomalyClasses.map(\.name) == ["Fall", "Fire"])
  }

  @Test func `a table may name scenes, and none is known where the cell is empty`() throws {
    try write("a.mp4")
    try write("b.mp4")
    try write("mine.csv", "video,scene,class\na.mp4,yard,Normal\nb.mp4,,Fall\n")
    let data = try DatasetCatalog.open(root + "/mine.csv", resources: resources)
    #expect(data.videos.map(\.sceneID) == ["yard", nil])
    try write("other.csv", "video,place\na.mp4,yard\n")
    let error = #expect(throws: DatasetError.self) {
      try DatasetCatalog.open(root + "/other.csv", resources: resources)
    }
    #expect(error?.description.contains("video, class, split, events, scene") == true)
  }

  @Test(arguments: [
    "video,class,events\na.mp4,Normal,\nb.mp4,Fall,\n", "video,class\na.mp4,Fall\n",
  ])
  func `a table without any event is told to fill its column`(text: String) throws {
    try write("a.mp4")
    try write("b.mp4")
    try write("mine.csv", text)
    let data = try DatasetCatalog.open(root + "/mine.csv", resources: resources)
    let error = try #require(throws: DatasetError.self) { try data.requiredAnnotations() }
    #expect(error.description.contains("the table has no events; fill its column 'events'"))
    #expect(!error.description.contains("Temporal_Anomaly_Annotation"))
  }

  @Test func `a table without splits misses its videos in every split`() throws {
    try write("a.mp4")
    try write("mine.csv", "video,class\na.mp4,Normal\nlost.mp4,Fall\n")
    let data = try DatasetCatalog.open(root + "/mine.csv", resources: resources)
    #expect(data.missingVideos(split: "train") == ["lost.mp4"])
    #expect(data.missingVideos(split: "test") == ["lost.mp4"])
  }

  @Test func `the descriptors for data of one's own find a table or class folders`() throws {
    try write("Normal/a.mp4")
    try write("Fall/b.mp4")
    try write("videos.csv", "video,class\nFall/b.mp4,Fall\n")
    let folders = try DatasetCatalog.open("folders", root: root, resources: resources)
    #expect(folders.videos.map(\.isAnomalous) == [true, false])
    let table = try DatasetCatalog.open("table", root: root, resources: resources)
    #expect(table.videos.map(\.classNames) == [["Fall"]] && table.descriptor.name == "data")
  }

  @Test(
    arguments: [
      ("path\na.mp4\n", ":1: found 'path'"), ("class\nFall\n", ":1: found 'class'"),
      ("video,split\na.mp4,val\n", ":2: found 'val', expected train or test"),
      ("video,events\na.mp4,9-5\n", ":2: found '9-5', expected frames"),
      ("video,class\na.mp4\n", ":2: found 'a.mp4', expected 2 cells"),
      ("video,class\n\n,Fall\n", ":3: found 'no video'"),
    ])
  func `a bad table is refused by line`(text: String, message: String) throws {
    try write("a.mp4")
    try write("bad.csv", text)
    let error = try #require(throws: DatasetError.self) {
      try DatasetCatalog.open(root + "/bad.csv", resources: resources)
    }
    #expect(error.description.contains("bad.csv" + message), "\(error)")
  }
}
