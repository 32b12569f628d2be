import ArgumentParser
import Datasets
import Foundation
import Records
import Workspaces

/// `--resources`: where Prompts and Datasets are.
public struct ResourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder that holds Prompts and Datasets. (default: found beside the binary)",
      valueName: "dir"))
  public var resources: String?

  public init() {}

  /// The folders, found.
  public func folders() throws -> ResourceFolders {
    try ResourceFolders.find(override: resources)
  }
}

/// `--jobs`: how many videos are worked on at once.
public struct JobOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Videos worked on at once.", valueName: "n"))
  public var jobs: Int = VideoWorkers.defaultJobs

  public init() {}

  public func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
  }
}

/// Which data set a command works on: the same three forms everywhere.
public struct DatasetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A name in Datasets/ (ucf, xd, demo, ...), a YAML file, or a folder of videos.",
      valueName: "name|file|folder"))
  public var dataset: String?

  @Option(help: ArgumentHelp("Where the data set's videos and lists are.", valueName: "dir"))
  public var root: String?

  @OptionGroup public var resourceOptions: ResourceOptions

  public init() {}

  /// The data set named on the command line, or nil.
  public func open() throws -> Dataset? {
    guard let dataset else { return nil }
    return try DatasetCatalog.open(dataset, root: root, resources: resourceOptions.folders())
  }
}

/// `--workspace`: where a data set's records live.
public struct WorkspaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The workspace. (default: workspaces/<dataset>, or the only one there is)",
      valueName: "dir"))
  public var workspace: String?

  public init() {}

  /// The folder of workspaces that commands look in.
  public static var parent: URL {
    URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
      .appendingPathComponent("workspaces")
  }
}
