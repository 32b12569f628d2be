import Datasets
import Foundation
import Records
import Workspaces

/// How a workspace's data set is found again: `dataset.json`.
public struct DatasetReference: Codable, Sendable, Equatable {
  /// What `--dataset` was: a name in `Datasets/`, or an absolute path.
  public var reference: String
  /// The data set's folder.
  public var root: String

  /// - Parameter option: what `--dataset` was, as the user gave it.
  public init(_ option: String, root: URL) {
    let isPath = option.contains("/") || FileManager.default.fileExists(atPath: option)
    reference = isPath ? URL(fileURLWithPath: option).standardizedFileURL.path : option
    self.root = root.path
  }

  /// The reference that a workspace holds.
  public static func read(from workspace: Workspace) throws -> DatasetReference {
    try JSONRecord.read(DatasetReference.self, from: file(in: workspace))
  }

  public func write(to workspace: Workspace) throws {
    try JSONRecord.write(self, to: Self.file(in: workspace))
  }

  /// Opens the data set again, at another root where one is given.
  public func open(root other: String?, resources: ResourceFolders) throws -> Dataset {
    try DatasetCatalog.open(reference, root: other ?? root, resources: resources)
  }

  private static func file(in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("dataset.json")
  }
}
