import ArgumentParser
import Datasets
import Foundation
import Pipeline
import Records
import Tensors
import Workspaces

/// `--resources`: the folder with Prompts and Datasets.
package struct ResourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with Prompts and Datasets. (default: found beside the binary)",
      valueName: "dir"))
  package var resources: String?

  package init() {}

  /// Finds the folders.
  package func folders() throws -> ResourceFolders {
    try ResourceFolders.find(override: resources)
  }
}

/// `--jobs`: the number of videos processed at once.
package struct JobOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Videos processed at once.", valueName: "n"))
  package var jobs: Int = Parallel.cores

  package init() {}

  /// Divides the cores among the videos processed at once, and sets the matrix library's threads
  /// accordingly. A single video gets all cores.
  ///
  /// - Returns: the number of threads per video.
  @discardableResult
  package func shareCores(among videoCount: Int) -> Int {
    let threads = Parallel.threadsPerItem(jobs: jobs, items: videoCount)
    MatrixThreads.set(threads)
    return threads
  }

  package func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
  }
}

/// Which data set a command works on.
package struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A name in Datasets/ (ucf, xd, demo, ...), a YAML file, or a folder of videos.",
      valueName: "name|file|folder"))
  package var dataset: String?

  @Option(help: ArgumentHelp("The folder with the data set's videos and lists.", valueName: "dir"))
  package var root: String?

  @OptionGroup package var viewOptions: ViewOptions
  @OptionGroup package var resourceOptions: ResourceOptions

  package init() {}

  /// The descriptor of the data set named on the command line. A name or a YAML file needs no
  /// videos.
  package func descriptor() throws -> DatasetDescriptor? {
    guard let dataset else { return nil }
    let resources = try resourceOptions.folders()
    if let known = try DatasetCatalog.descriptor(named: dataset, in: resources.datasets) {
      return known
    }
    let url = URL(fileURLWithPath: dataset)
    if ["yaml", "yml"].contains(url.pathExtension.lowercased()) {
      return try DatasetDescriptorFile.read(url)
    }
    return try open()?.descriptor
  }

  /// The data set named on the command line, or nil.
  package func open() throws -> Dataset? {
    guard let dataset else { return nil }
    return try viewOptions.applied(
      to: DatasetCatalog.open(dataset, root: root, resources: resourceOptions.folders()))
  }
}

/// `--workspace`: the folder of a data set's records.
package struct WorkspaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The workspace. (default: workspaces/<dataset>, or the only one there is)",
      valueName: "dir"))
  package var workspace: String?

  package init() {}

  /// The data set and its workspace, which is created if it does not exist; see
  /// `DatasetWorkspace.open`.
  package func open(_ options: DatasetOptions) throws -> (dataset: Dataset, workspace: Workspace) {
    let (dataset, workspace) = try DatasetWorkspace.open(
      dataset: options.dataset, root: options.root, workspace: folder,
      resources: options.resourceOptions.folders(), reporter: .console())
    return (try options.viewOptions.applied(to: dataset), workspace)
  }

  /// The workspace that `--workspace` names, or the only one there is.
  package func open() throws -> Workspace { try DatasetWorkspace.existing(folder) }

  private var folder: URL? { workspace.map { URL(fileURLWithPath: $0) } }
}
