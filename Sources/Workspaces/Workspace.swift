import Foundation
import Records

/// A data set's folder of all results: the ledger, selections, features, runs, scores and
/// the report.
public struct Workspace: Sendable {
  /// The folder.
  public let root: URL
  /// The content of `workspace.json`.
  public let manifest: WorkspaceManifest

  /// The name of the folder in which workspaces are made and searched.
  public static let parentFolderName = "workspaces"

  /// The database of videos, selections, requests, attempts, descriptions and the text
  /// index. All other files are derived from it or listed in it.
  public var ledgerFile: URL { root.appendingPathComponent("ledger.sqlite") }
  /// Selection records and their pictures.
  public var selectionsFolder: URL { root.appendingPathComponent("selections") }
  /// The descriptions as JSON lines, a view of the ledger.
  public var descriptionsFile: URL { root.appendingPathComponent("descriptions.jsonl") }
  /// Training runs.
  public var runsFolder: URL { root.appendingPathComponent("runs") }
  /// Anomaly scores by run.
  public var scoresFolder: URL { root.appendingPathComponent("scores") }
  /// The HTML report.
  public var reportFolder: URL { root.appendingPathComponent("report") }

  /// Snippet features, one folder per encoder and its parameters.
  public var visualFeaturesRoot: URL { root.appendingPathComponent("features/visual") }

  /// Text features of one encoder and its parameters.
  public func textFeaturesFolder(key: String) -> URL {
    root.appendingPathComponent("features/text").appendingPathComponent(key)
  }

  /// One training run's configuration, metrics and checkpoints.
  public func runFolder(_ run: String) -> URL { runsFolder.appendingPathComponent(run) }

  /// A path as records store it: relative for files inside the workspace, so that a moved
  /// workspace still works.
  public func relativePath(of url: URL) -> String {
    let path = url.standardizedFileURL.path
    let prefix = root.standardizedFileURL.path + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// The file of a path that `relativePath(of:)` returned.
  public func url(ofRelativePath path: String) -> URL {
    path.hasPrefix("/") ? URL(fileURLWithPath: path) : root.appendingPathComponent(path)
  }

  /// Opens the ledger, and makes it if there is none.
  public func openLedger() throws -> Ledger { try Ledger(at: ledgerFile) }

  /// Opens the ledger if there is one.
  public func existingLedger() throws -> Ledger? {
    FileManager.default.fileExists(atPath: ledgerFile.path) ? try openLedger() : nil
  }

  /// The default folder of a data set's workspace: `workspaces/<dataset>` in a folder.
  public static func defaultRoot(
    dataset: String,
    in folder: URL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
  ) -> URL {
    let name = URL(fileURLWithPath: dataset).deletingPathExtension().lastPathComponent
    return folder.appendingPathComponent(parentFolderName).appendingPathComponent(name)
  }

  /// Makes a workspace, or opens an existing one of the same data set. A changed root of the
  /// data set is stored.
  ///
  /// - Throws: `WorkspaceError.otherDataset`, `.otherFormat`, `.cannotOpen`.
  public static func create(at root: URL, dataset: String, root datasetRoot: String?) throws
    -> Workspace
  {
    if FileManager.default.fileExists(atPath: manifestFile(in: root).path) {
      let workspace = try open(at: root)
      guard workspace.manifest.dataset == dataset else {
        throw WorkspaceError.otherDataset(
          path: root.path, found: workspace.manifest.dataset, asked: dataset)
      }
      guard workspace.manifest.root != datasetRoot else { return workspace }
      var manifest = workspace.manifest
      manifest.root = datasetRoot
      return try write(manifest, at: root)
    }
    return try write(WorkspaceManifest(dataset: dataset, root: datasetRoot), at: root)
  }

  /// Opens an existing workspace.
  ///
  /// - Throws: `WorkspaceError.notAWorkspace`, `.damagedManifest`, `.otherFormat`.
  public static func open(at root: URL) throws -> Workspace {
    let file = manifestFile(in: root)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw WorkspaceError.notAWorkspace(path: root.path)
    }
    return Workspace(root: root.standardizedFileURL, manifest: try WorkspaceManifest.read(file))
  }

  /// Opens the folder itself if it is a workspace, otherwise the only workspace in its
  /// `workspaces/`.
  ///
  /// - Throws: `WorkspaceError.noneFound`, `.severalFound` with their paths.
  public static func find(
    in folder: URL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
  ) throws -> Workspace {
    if FileManager.default.fileExists(atPath: manifestFile(in: folder).path) {
      return try open(at: folder)
    }
    let parent = folder.appendingPathComponent(parentFolderName)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    let roots = names.sorted().map { parent.appendingPathComponent($0) }
      .filter { FileManager.default.fileExists(atPath: manifestFile(in: $0).path) }
    guard let first = roots.first else { throw WorkspaceError.noneFound(searched: parent.path) }
    guard roots.count == 1 else { throw WorkspaceError.severalFound(paths: roots.map(\.path)) }
    return try open(at: first)
  }

  private static func write(_ manifest: WorkspaceManifest, at root: URL) throws -> Workspace {
    do {
      try JSONRecord.write(manifest, to: manifestFile(in: root))
    } catch let error as RecordError {
      throw WorkspaceError.cannotOpen(path: root.path, reason: error.description)
    }
    return Workspace(root: root.standardizedFileURL, manifest: manifest)
  }

  private static func manifestFile(in root: URL) -> URL {
    root.appendingPathComponent("workspace.json")
  }
}

/// The content of `workspace.json`: the data set of the workspace.
public struct WorkspaceManifest: Codable, Sendable, Equatable {
  /// The version of the folder's layout that this program reads and writes.
  public static let currentFormat = 1

  /// The version of the folder's layout.
  public let format: Int
  /// The value of `--dataset`.
  public let dataset: String
  /// The value of `--root`, the data set's folder.
  public var root: String?
  /// When the workspace was made, ISO 8601, UTC.
  public let created: String

  /// A manifest of the current format, made now.
  public init(dataset: String, root: String?, created: Date = Date()) {
    format = Self.currentFormat
    self.dataset = dataset
    self.root = root
    self.created = created.ISO8601Format()
  }

  private struct FormatOnly: Decodable {
    let format: Int
  }

  /// Reads a manifest. Checks the format before all other values.
  static func read(_ file: URL) throws -> WorkspaceManifest {
    do {
      let format = try JSONRecord.read(FormatOnly.self, from: file).format
      guard format == currentFormat else {
        throw WorkspaceError.otherFormat(path: file.path, found: format, expected: currentFormat)
      }
      return try JSONRecord.read(WorkspaceManifest.self, from: file)
    } catch RecordError.wrongFormat(_, let found, _) {
      throw WorkspaceError.damagedManifest(path: file.path, found: found)
    } catch let error as RecordError {
      throw WorkspaceError.cannotOpen(path: file.path, reason: error.description)
    }
  }
}
