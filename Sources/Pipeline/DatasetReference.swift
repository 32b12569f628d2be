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

  /// - Parameters:
  ///   - option: what `--dataset` was, as the user gave it: a name in `Datasets/`
  ///     comes first, as for `DatasetCatalog.open`, also where a folder has it.
  ///   - resources: where `Datasets/` is.
  public init(_ option: String, root: URL, resources: ResourceFolders) throws {
    let isName = try DatasetCatalog.descriptor(named: option, in: resources.datasets) != nil
    reference = isName ? option : URL(fileURLWithPath: option).standardizedFileURL.path
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
