import Foundation
import Records
import Workspaces

/// What one stage last did in a workspace: shown by the summary and the report.
public struct StageRecord: Codable, Sendable, Equatable {
  /// The stage's name: select, describe, embed, features, train, detect.
  public var stage: String
  /// Whether a real model or a built-in did the work.
  public var isBuiltIn: Bool
  /// The model in words: kind, id, revision.
  public var used: String
  /// Items that are there now, of those asked for.
  public var items: Int
  /// What the items are, in the plural.
  public var itemName: String
  /// Items that an earlier run had finished already.
  public var kept: Int
  public var failed: Int
  public var seconds: Double
  /// ISO 8601.
  public var finished: String

  public init(
    stage: String, isBuiltIn: Bool, used: String, items: Int, itemName: String, kept: Int = 0,
    failed: Int = 0, seconds: Double
  ) {
    self.stage = stage
    self.isBuiltIn = isBuiltIn
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

  /// The log of a workspace; empty where there is none yet.
  public static func read(from workspace: Workspace) throws -> StageLog {
    let file = Self.file(in: workspace)
    guard FileManager.default.fileExists(atPath: file.path) else { return StageLog() }
    return try JSONRecord.read(StageLog.self, from: file)
  }

  /// Puts one stage's record in the place of its last one. What a run found done
  /// already was work of the runs before it: their seconds are added.
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
