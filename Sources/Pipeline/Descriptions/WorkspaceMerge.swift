import Foundation
import Records
import Workspaces

/// Joins another workspace's ledger and selection records into one.
public enum WorkspaceMerge {
  /// What one merge added.
  public struct Summary: Codable, Sendable {
    /// The other workspace.
    public var source: String
    public var ledger: LedgerMerge.Summary
    /// The number of copied files of selections.
    public var copiedFiles: Int
    /// The number of selections whose record is missing in the other workspace.
    public var missingRecords: Int
  }

  /// Opens the workspace to merge into, or creates it for the data set of `source`.
  public static func target(at folder: URL, like source: Workspace) throws -> Workspace {
    let made = try Workspace.create(
      at: folder, dataset: source.manifest.dataset, root: source.manifest.root)
    let reference = made.root.appendingPathComponent("dataset.json")
    if !FileManager.default.fileExists(atPath: reference.path) {
      try DatasetReference.read(from: source).write(to: made)
    }
    return made
  }

  /// Merges a workspace into another one. The selections' files are copied before the ledger
  /// is merged, so that the ledger never names a missing file.
  ///
  /// - Throws: `WorkspaceError.otherDataset` if the data sets differ, `PipelineError.notReady`
  ///   if `source` has no ledger.
  public static func join(_ source: Workspace, into target: Workspace, ledger: Ledger) throws
    -> Summary
  {
    guard source.manifest.dataset == target.manifest.dataset else {
      throw WorkspaceError.otherDataset(
        path: source.root.path, found: source.manifest.dataset, asked: target.manifest.dataset)
    }
    guard FileManager.default.fileExists(atPath: source.ledgerFile.path) else {
      throw PipelineError.notReady(
        subject: source.ledgerFile.path, finding: "no ledger", remedy: "describe there first")
    }
    let copied = try copySelections(from: source, to: target)
    let merged = try LedgerMerge.join(source.openLedger(), into: ledger)
    let missing = merged.recordPaths.count {
      !FileManager.default.fileExists(atPath: target.url(ofRelativePath: $0).path)
    }
    return Summary(
      source: source.root.path, ledger: merged, copiedFiles: copied, missingRecords: missing)
  }

  private static func copySelections(from source: Workspace, to target: Workspace) throws -> Int {
    let manager = FileManager.default
    var copied = 0
    for folder in ((try? manager.contentsOfDirectory(atPath: source.selectionsFolder.path)) ?? [])
      .sorted()
    {
      let from = source.selectionsFolder.appendingPathComponent(folder)
      let to = target.selectionsFolder.appendingPathComponent(folder)
      // The record, which says that the selection is whole, comes last.
      let names = ((try? manager.contentsOfDirectory(atPath: from.path)) ?? [])
        .filter { !$0.hasPrefix(".") }
        .sorted { !$0.hasSuffix(".selection.json") && $1.hasSuffix(".selection.json") }
      for name in names {
        let file = to.appendingPathComponent(name)
        guard !manager.fileExists(atPath: file.path) else { continue }
        do {
          try AtomicFile.write(
            Data(contentsOf: from.appendingPathComponent(name)), to: file)
        } catch let error as RecordError {
          throw error
        } catch {
          throw RecordError.cannotRead(
            path: from.appendingPathComponent(name).path, reason: error.localizedDescription)
        }
        copied += 1
      }
    }
    return copied
  }
}
