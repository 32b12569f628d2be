import Datasets
import Foundation
import Pipeline
import Records
import TestSupport
import Workspaces

/// A workspace and a data set of a few videos, of which only one has a file.
struct DescriptionImportFixture {
  let folder: TemporaryFolder
  let workspace: Workspace
  let ledger: Ledger
  var dataset: Dataset

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.create(at: folder.file("space"), dataset: "cams", root: nil)
    ledger = try workspace.openLedger()
    var descriptor = DatasetDescriptor(
      name: "cams", title: "Cams", layout: .folders,
      classes: [
        ClassDescriptor(name: "Normal", isNormal: true), ClassDescriptor(name: "Abuse"),
        ClassDescriptor(name: "Fight"),
      ])
    descriptor.splits = nil
    try Data("a video".utf8).write(to: folder.file("here.mp4"))
    dataset = Dataset(
      descriptor: descriptor, root: folder.url,
      videos: [
        DatasetVideo(
          id: "Abuse001_x264", path: "/gone/Abuse/Abuse001_x264.mp4", split: "train",
          classNames: ["Abuse"], isAnomalous: true),
        DatasetVideo(
          id: "clip1", path: "/gone/Fight/clip1.mp4", split: "train", classNames: ["Fight"],
          isAnomalous: true),
        DatasetVideo(
          id: "clip1~2", path: "/gone/Normal/clip1.mp4", split: "train", classNames: ["Normal"],
          isAnomalous: false),
        DatasetVideo(
          id: "here", path: folder.file("here.mp4").path, split: "test", classNames: ["Normal"],
          isAnomalous: false),
        DatasetVideo(id: "17", path: "/gone/17.mp4", split: "train"),
      ])
  }

  /// Writes a file and imports it.
  @discardableResult
  func take(
    _ text: String, _ format: ImportFormat = .jsonl, name: String = "theirs.txt",
    _ change: (inout DescriptionImport.Options) -> Void = { _ in }
  ) throws -> DescriptionImportReport {
    try take(Data(text.utf8), format, name: name, change)
  }

  @discardableResult
  func take(
    _ data: Data, _ format: ImportFormat = .jsonl, name: String = "theirs.txt",
    _ change: (inout DescriptionImport.Options) -> Void = { _ in }
  ) throws -> DescriptionImportReport {
    let file = folder.file(name)
    try data.write(to: file)
    return try take(file, format, change)
  }

  @discardableResult
  func take(
    _ file: URL, _ format: ImportFormat,
    _ change: (inout DescriptionImport.Options) -> Void = { _ in }
  ) throws -> DescriptionImportReport {
    var options = DescriptionImport.Options(format: format)
    change(&options)
    return try DescriptionImport(
      file: file, options: options, dataset: dataset, workspace: workspace, ledger: ledger
    ).run()
  }

  /// The present text of a video.
  func text(_ id: String) throws -> String? { try ledger.description(videoID: id)?.text }

  /// The sentences behind it.
  func sentences(_ id: String) throws -> [TimedSentence]? {
    try ledger.description(videoID: id)?.structured
      .flatMap(ImportedSentences.init(recorded:))?.sentences
  }
}
