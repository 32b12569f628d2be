import Datasets
import Foundation
import Records
import Workspaces

/// The reference of a workspace to its data set: `dataset.json`.
public struct DatasetReference: Codable, Sendable, Equatable {
  /// A name in `Datasets/`, or an absolute path.
  public var reference: String
  /// The data set's folder.
  public var root: String

  /// - Parameters:
  ///   - option: a name in `Datasets/`, or a path. As in `DatasetCatalog.open`, a name takes
  ///     precedence over a folder of that name.
  ///   - resources: the folder with `Datasets/`.
  public init(_ option: String, root: URL, resources: ResourceFolders) throws {
    let isName = try DatasetCatalog.descriptor(named: option, in: resources.datasets) != nil
    reference = isName ? option : URL(fileURLWithPath: option).standardizedFileURL.path
    self.root = root.path
  }

  /// Reads the reference of a workspace.
  ///
  /// - Throws: `RecordError`.
  public static func read(from workspace: Workspace) throws -> DatasetReference {
    try JSONRecord.read(DatasetReference.self, from: file(in: workspace))
  }

  public func write(to workspace: Workspace) throws {
    try JSONRecord.write(self, to: Self.file(in: workspace))
  }

  /// Opens the data set, at another root if one is given.
  public func open(root other: String?, resources: ResourceFolders) throws -> Dataset {
    try DatasetCatalog.open(reference, root: other ?? root, resources: resources)
  }

  /// The data set's descriptor, without its videos where the data set has a name.
  public func descriptor(resources: ResourceFolders) throws -> DatasetDescriptor {
    try DatasetCatalog.descriptor(named: reference, in: resources.datasets)
      ?? open(root: nil, resources: resources).descriptor
  }

  private static func file(in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("dataset.json")
  }
}
