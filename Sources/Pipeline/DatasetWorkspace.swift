import Datasets
import Foundation
import Records
import Workspaces

/// Finds a data set together with the workspace that holds its records.
public enum DatasetWorkspace {
  /// Opens both; the workspace is created if it does not exist.
  ///
  /// Without videos (no `root`, and features were imported into the workspace) the data set has
  /// the imported videos' ids and labels only.
  ///
  /// - Parameters:
  ///   - dataset: a name in `Datasets/`, a YAML file or a folder of videos; nil for the data set
  ///     that the workspace was made for.
  ///   - root: the folder of the data set's videos and lists; nil for the usual one.
  ///   - workspace: the workspace's folder; nil for `workspaces/<dataset>`, or the only one there
  ///     is.
  /// - Throws: `DatasetError`, `WorkspaceError`, `RecordError`, `PipelineError`.
  public static func open(
    dataset name: String?, root: String? = nil, workspace: URL? = nil, resources: ResourceFolders,
    reporter: StageReporter = .silent
  ) throws -> (dataset: Dataset, workspace: Workspace) {
    if root == nil,
      let found = try openImported(name, workspace: workspace, resources: resources)
    {
      return found
    }
    guard let name else {
      let workspace = try existing(workspace)
      let dataset = try DatasetReference.read(from: workspace)
        .open(root: root, resources: resources)
      return (dataset, workspace)
    }
    let dataset = try DatasetCatalog.open(name, root: root, resources: resources)
    let title = dataset.descriptor.name
    let made = try Workspace.create(
      at: workspace ?? Workspace.defaultRoot(dataset: title), dataset: title,
      root: dataset.root.path)
    try DatasetReference(name, root: dataset.root, resources: resources).write(to: made)
    for note in dataset.notes { reporter.note("\(title): \(note)") }
    return (dataset, made)
  }

  /// The workspace in a folder, or the only one there is.
  public static func existing(_ folder: URL?) throws -> Workspace {
    if let folder { return try Workspace.open(at: folder) }
    return try Workspace.find()
  }

  private static func openImported(
    _ name: String?, workspace: URL?, resources: ResourceFolders
  ) throws -> (Dataset, Workspace)? {
    let space: Workspace
    if let name {
      guard let known = try DatasetCatalog.descriptor(named: name, in: resources.datasets),
        let found = try? Workspace.open(
          at: workspace ?? Workspace.defaultRoot(dataset: known.name)),
        found.manifest.dataset == known.name
      else { return nil }
      space = found
    } else {
      space = try existing(workspace)
    }
    return try ImportedDataset.open(in: space, resources: resources).map { ($0, space) }
  }
}
