import Datasets
import Foundation
import Records
import Workspaces

/// A data set of which only features are known, no videos: `imported.json` of a workspace.
public struct ImportedDataset: Codable, Sendable {
  public var videos: [DatasetVideo]
  public var annotations: [String: TemporalAnnotation]
  /// The events of test videos with their classes, by id; nil where no file gave them.
  public var classEvents: [String: [XDClassAnnotationFile.Event]]?

  public init(
    videos: [DatasetVideo], annotations: [String: TemporalAnnotation],
    classEvents: [String: [XDClassAnnotationFile.Event]]? = nil
  ) {
    self.videos = videos
    self.annotations = annotations
    self.classEvents = classEvents
  }

  public func write(to workspace: Workspace) throws {
    try JSONRecord.write(self, to: Self.file(in: workspace))
  }

  /// The data set of a workspace with imported features; nil for other workspaces.
  ///
  /// - Throws: `PipelineError.notReady` for an unknown data set, `RecordError`.
  public static func open(in workspace: Workspace, resources: ResourceFolders) throws -> Dataset? {
    let file = file(in: workspace)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let stored = try JSONRecord.read(ImportedDataset.self, from: file)
    guard
      let descriptor = try DatasetCatalog.descriptor(
        named: workspace.manifest.dataset, in: resources.datasets)
    else {
      throw PipelineError.notReady(
        subject: file.path, finding: "no data set '\(workspace.manifest.dataset)' is known",
        remedy: "name the folder with its description with --resources")
    }
    return Dataset(
      descriptor: descriptor, root: workspace.root, videos: stored.videos,
      annotations: stored.annotations, classEvents: stored.classEvents ?? [:],
      notes: ["no videos: imported features are used"])
  }

  private static func file(in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("imported.json")
  }
}
