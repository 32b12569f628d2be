import Foundation
import Records
import Workspaces

/// The last run of one stage in a workspace, for the summary and the report.
public struct StageRecord: Codable, Sendable, Equatable {
  /// The stage's name: select, describe, embed, features, train, detect.
  public var stage: String
  /// Whether a built-in method did the work instead of a model.
  public var isBuiltIn: Bool
  /// Whether the results come from somebody else's file; nil for other work.
  public var isImported: Bool?
  /// The model for people: kind, id, revision.
  public var used: String
  /// The number of requested items that are done.
  public var items: Int
  /// What the items are, in the plural.
  public var itemName: String
  /// The number of items that an earlier run had finished.
  public var kept: Int
  public var failed: Int
  public var seconds: Double
  /// ISO 8601.
  public var finished: String

  public init(
    stage: String, isBuiltIn: Bool, isImported: Bool = false, used: String, items: Int,
    itemName: String, kept: Int = 0, failed: Int = 0, seconds: Double
  ) {
    self.stage = stage
    self.isBuiltIn = isBuiltIn
    self.isImported = isImported ? true : nil
    self.used = used
    self.items = items
    self.itemName = itemName
    self.kept = kept
    self.failed = failed
    self.seconds = seconds
    finished = Date().formatted(.iso8601)
  }
}

/// `stages.json` of a workspace: the newest record of each stage.
public struct StageLog: Codable, Sendable {
  public private(set) var stages: [StageRecord] = []

  /// The stages in the order of the pipeline.
  public static let order = [
    "demo-data", "select", "describe", "embed", "features", "train", "detect",
  ]

  /// Reads the log of a workspace; empty if there is none.
  public static func read(from workspace: Workspace) throws -> StageLog {
    let file = Self.file(in: workspace)
    guard FileManager.default.fileExists(atPath: file.path) else { return StageLog() }
    return try JSONRecord.read(StageLog.self, from: file)
  }

  /// Replaces a stage's record. If the run kept items of earlier runs with the same model, their
  /// seconds are added.
  public static func write(_ record: StageRecord, to workspace: Workspace) throws {
    var log = try read(from: workspace)
    var record = record
    if let last = log.stages.first(where: { $0.stage == record.stage }), record.kept > 0,
      last.used == record.used
    {
      record.seconds += last.seconds
    }
    log.stages.removeAll { $0.stage == record.stage }
    log.stages.append(record)
    log.stages.sort { position($0.stage) < position($1.stage) }
    try JSONRecord.write(log, to: file(in: workspace))
  }

  private static func file(in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("stages.json")
  }

  private static func position(_ stage: String) -> Int {
    order.firstIndex(of: stage) ?? order.count
  }
}
