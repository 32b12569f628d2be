import DatasetChecks
import Datasets
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct DatasetDoctorTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func write(_ path: String, _ text: String) throws {
    try AtomicFile.write(Data(text.utf8), to: folder.file(path))
  }

  func clip(_ path: String, frames: Int) throws {
    let url = folder.file(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let writer = try VideoWriter(path: url.path, width: 64, height: 48, frameRate: 25)
    for frame in 0..<frames {
      try writer.append(
        RGBImage(width: 64, height: 48, red: UInt8(frame * 3), green: 90, blue: 90))
    }
    try writer.finish()
  }

  func open(expected: String = "", known: String = "") throws -> Dataset {
    let descriptor = try DatasetDescriptorFile.parse(
      """
      name: mine
      title: Mine
      layout: ucf
      classes:
        - name: Normal
          isNormal: true
        - name: Abuse
      splits:
        - name: train
          lists: [train.txt]
        - name: test
          lists: [test.txt]
      annotations:
        format: ucf
        files: [Temporal.txt]
      \(expected)
      \(known)
      """, file: "mine.yaml")
    return try DatasetCatalog.open(descriptor, root: folder.url.path)
  }

  /// Four sound clips of 40 frames: two to train, two to test.
  func makeSound(events: String = "Abuse002_x264.mp4  Abuse  1  16  -1  -1  \n") throws {
    for name in ["Abuse001", "Normal_Videos001", "Abuse002", "Normal_Videos002"] {
      try clip("videos/\(name)_x264.mp4", frames: 40)
    }
    try write("train.txt", "Abuse/Abuse001_x264.mp4\nNormal_Videos001_x264.mp4\n")
    try write("test.txt", "Abuse/Abuse002_x264.mp4\nNormal_Videos002_x264.mp4\n")
    try write("Temporal.txt", events + "Normal_Videos002_x264.mp4  Normal  -1  -1  -1  -1  \n")
  }

  static let expected = """
    expected:
      splits:
        - {name: train, normal: 1, anomalous: 1}
        - {name: test, normal: 1, anomalous: 1, snippetFrames: 64}
      annotatedVideos: 1
      events: 1
    """

  @Test(arguments: [false, true]) func `a copy that is as published has no finding`(counts: Bool)
    throws
  {
    try makeSound()
    let report = DatasetDoctor(try open(expected: Self.expected), countsFrames: counts).examine()
    #expect(report.findings == [] && report.isClean)
    #expect(report.splits.map(\.frames) == [80, 80])
    #expect(report.splits.map(\.snippetFrames) == [64, 64])
    #expect(report.splits.map(\.positiveFrames) == [0, 16])
    #expect((report.annotatedVideos, report.events, report.extraVideos) == (1, 1, 0))
  }

  @Test func `missing, misnamed, extra, repeated and corrupt files are told apart`() throws {
    try makeSound()
    let manager = FileManager.default
    try manager.removeItem(at: folder.file("videos/Abuse001_x264.mp4"))
    try manager.moveItem(
      at: folder.file("videos/Normal_Videos002_x264.mp4"),
      to: folder.file("videos/Normal-Videos-002-x264.mp4"))
    try clip("videos/Abuse099_x264.mp4", frames: 20)
    try write("videos/Abuse002_x264.mp4", "not a video")
    try write(
      "train.txt", "Abuse001_x264.mp4\nNormal_Videos001_x264.mp4\nNormal_Videos001_x264.mp4\n")
    let report = DatasetDoctor(try open(expected: Self.expected)).examine()
    func subjects(_ kind: DatasetFinding.Kind) -> [String] {
      report.findings.filter { $0.kind == kind }.map(\.subject)
    }
    #expect(subjects(.missing) == ["Abuse001_x264.mp4"])
    #expect(subjects(.misnamed) == ["videos/Normal-Videos-002-x264.mp4"])
    #expect(subjects(.extra) == ["videos/Abuse099_x264.mp4"])
    #expect(subjects(.repeated) == ["Normal_Videos001_x264.mp4"])
    #expect(subjects(.corrupt) == ["Abuse002_x264"])
    #expect(
      subjects(.count) == [
        "train: anomalous videos", "test: normal videos", "test: frames in whole snippets",
      ])
    #expect(!report.isClean)
  }

  @Test func `events behind the end and behind the last snippet are told apart`() throws {
    try makeSound(events: "Abuse002_x264.mp4  Abuse  10  20  30  39  \n")
    let late = DatasetDoctor(try open()).examine()
    #expect(late.findings.map(\.kind) == [.eventPastSnippets])
    #expect(late.splits[1].positiveFrames == 21)
    try makeSound(events: "Abuse002_x264.mp4  Abuse  10  20  30  50  \n")
    let past = DatasetDoctor(try open()).examine()
    #expect(past.findings.map(\.kind) == [.eventPastEnd])
    #expect(past.findings[0].expected.contains("within 40 frames"))
    #expect(past.splits[1].positiveFrames == 22)
    let known = """
      knownDefects:
        - {video: "Abuse002*", kinds: [eventPastEnd], note: as published}
      """
    let excused = DatasetDoctor(try open(known: known)).examine()
    #expect(excused.findings.map(\.known) == ["as published"] && excused.isClean)
  }

  @Test func `an annotation and videos that do not fit each other are found`() throws {
    try makeSound(events: "Abuse777_x264.mp4  Abuse  10  20  -1  -1  \n")
    let report = DatasetDoctor(try open()).examine()
    #expect(report.findings.map(\.kind) == [.annotation, .annotation])
    #expect(Set(report.findings.map(\.subject)) == ["Abuse777_x264", "Abuse002_x264"])
  }

  @Test func `a truncated file is corrupt, and its frames are not what its header claims`() throws {
    try makeSound()
    let file = folder.file("videos/Normal_Videos001_x264.mp4")
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(bytes.count / 2).write(to: file)
    let report = DatasetDoctor(try open(), countsFrames: true).examine()
    #expect(report.findings.map(\.subject).contains("Normal_Videos001_x264"))
    #expect(report.findings.allSatisfy { [.corrupt, .frameCount].contains($0.kind) })
  }

  private func openXD() throws -> Dataset {
    let descriptor = try DatasetDescriptorFile.parse(
      """
      name: films
      title: Films
      layout: xd
      classes:
        - {name: Normal, isNormal: true, code: A, displayPrompts: [normal]}
        - {name: Fighting, code: B1, displayPrompts: [fighting]}
        - {name: Shooting, code: B2, displayPrompts: [shooting]}
      splits:
        - {name: test, lists: [test.csv], annotated: true}
      annotations:
        format: xd
        files: [annotations.txt]
        classFiles: [annotations_multiclasses.txt]
      """, file: "films.yaml")
    return try DatasetCatalog.open(descriptor, root: folder.url.path)
  }

  /// Three films of 40 frames; a comma in a name, as titles have them.
  private func makeFilms(labels: [String] = ["B1-B2-0", "A", "B2-0-0"], classes: String) throws {
    let names = ["One_label_B1-B2-0", "Two_label_A", "Lock,.Stock_label_B2-0-0"]
    for name in names { try clip("videos/\(name).mp4", frames: 40) }
    let rows = zip(names, labels).flatMap { name, label in
      (0..<2).map { "/home/x/\(name)__\($0).npy,\(label)" }
    }
    try write("test.csv", (["path,label"] + rows).joined(separator: "\n") + "\n")
    try write(
      "annotations.txt",
      "One_label_B1-B2-0 0 10 20 32\nLock,.Stock_label_B2-0-0.mp4 4 8\n")
    try write("annotations_multiclasses.txt", classes)
  }

  private static let classEvents = """
    One_label_B1-B2-0.mp4 B1 0 6 4 10 B2 20 32
    Lock,.Stock_label_B2-0-0 shooting 4 8

    """

  @Test func `labels and events with classes that agree have no finding`() throws {
    try makeFilms(classes: Self.classEvents)
    let dataset = try openXD()
    #expect(dataset.videos(split: "test").count == 3 && dataset.ignoredFileCount == 0)
    #expect(dataset.listedLabels.count == 3 && dataset.classEvents.count == 2)
    #expect(DatasetDoctor(dataset).examine().findings == [])
  }

  @Test func `another label in a table, and other classes and frames of events, are found`()
    throws
  {
    try makeFilms(
      labels: ["B1-0-0", "B6", "B2-0-0"],
      classes: "One_label_B1-B2-0 B1 0 10 20 30\nLock,.Stock_label_B2-0-0 B2 4 9\n")
    let findings = DatasetDoctor(try openXD()).examine().findings
    func found(_ kind: DatasetFinding.Kind, _ subject: String) -> [String] {
      findings.filter { $0.kind == kind && $0.subject.hasPrefix(subject) }.map(\.found)
    }
    #expect(found(.label, "One") == ["'B1-0-0' in test.csv", "events of Fighting"])
    #expect(found(.label, "Two") == ["'B6' in test.csv, which is not a class"])
    #expect(
      found(.annotation, "One") == ["an event without a class over 2 frames, the first 30 to 31"])
    #expect(found(.annotation, "Lock") == ["no event over 1 frames, the first 8 to 8"])
    #expect(findings.count == 5)
    for bad in ["One_label_B1-B2-0 B9 0 4", "One_label_B1-B2-0 B1 0", "x B1 9 4", "x 0 4", "x B1"] {
      try write("annotations_multiclasses.txt", bad)
      #expect(throws: DatasetError.self) { try openXD() }
    }
  }
}
