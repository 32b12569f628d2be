import Detectors
import Encoders
import Foundation
import Records
import Training
import Workspaces

/// One finished training run of a workspace: `runs/<id>/config.json`.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The format that this version writes; it reads format 1 too.
  public static let currentFormat = 2

  public var format = Self.currentFormat
  /// `<group>-<variant>-s<seed>`: the folder's name.
  public var id: String
  /// When the training that made it began.
  public var group: String
  /// The family's name in the registry.
  public var model: String
  /// Model and ablations: `dbvad`, `dbvad-no-dbm`.
  public var variant: String
  public var seed: UInt64
  /// ISO 8601.
  public var created: String
  public var dataset: String
  public var visualEncoder: EncoderIdentity
  /// The folder of snippet features below `features/visual`.
  public var visualKey: String
  /// Who embedded the descriptions; nil for a variant without them.
  public var descriptionEncoder: EncoderIdentity?
  /// The folder of the descriptions' vectors below `features/text`.
  public var textFeaturesKey: String?
  /// Who wrote the descriptions, by number of videos.
  public var describers: [String: Int]
  public var labelEncoder: EncoderIdentity
  /// The folder below `features/text` that class prompts' vectors came from; nil where
  /// all were encoded for the run.
  public var labelFeaturesKey: String?
  public var trainVideos: Int
  /// Training videos that were held out for validation.
  public var heldOutVideos: Int
  /// Listed training videos without a file or features that were left out; nil if there are none.
  public var absentVideos: [String]?
  public var epochs: Int
  public var steps: Int
  public var seconds: Double
  /// The last epoch's mean losses by name, `total` among them.
  public var finalLosses: [String: Double]
  /// What the scores mean, by held-out training videos; nil where that was not found out.
  public var calibration: ScoreCalibration?
  /// The bytes that a run of this plan adds to the process, by a measured step; nil where the
  /// system does not say, and in records of earlier versions.
  public var memoryBytes: Int?
  /// How the weights were chosen on the test set; nil where test videos chose nothing.
  public var testSelection: TestSelectionRecord?
  /// Names settings and data: a run with the same one is not trained again.
  public var fingerprint: String

  /// The record's file.
  public static func file(of run: String, in workspace: Workspace) -> URL {
    workspace.runFolder(run).appendingPathComponent("config.json")
  }

  /// The run's checkpoint.
  public static func checkpoint(of run: String, in workspace: Workspace) -> URL {
    workspace.runFolder(run).appendingPathComponent(DetectorTrainer.Destination.checkpointName)
  }

  /// All finished runs, oldest group first, then by variant and seed.
  public static func all(in workspace: Workspace) throws -> [RunRecord] {
    try folders(in: workspace)
      .filter { FileManager.default.fileExists(atPath: file(of: $0, in: workspace).path) }
      .map { try read(file(of: $0, in: workspace)) }
      .sorted { ($0.group, $0.variant, $0.seed) < ($1.group, $1.variant, $1.seed) }
  }

  static func folders(in workspace: Workspace) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: workspace.runsFolder.path)) ?? [])
      .sorted()
  }

  private static func read(_ url: URL) throws -> RunRecord {
    var json = try JSONRecord.read(JSONValue.self, from: url)
    if json["format"] == .integer(1) {
      // Format 1 is of the time when DBVAD was the only model.
      json["model"] = .string("dbvad")
      if json["variant"] == .string("no-dbm") { json["variant"] = .string("dbvad-no-dbm") }
      json["heldOutVideos"] = .integer(0)
      json["steps"] = .integer(0)
      json["fingerprint"] = .string("")
    }
    do {
      return try json.decoded()
    } catch let error as DecodingError {
      throw RecordError.wrongFormat(
        path: url.path, found: JSONRecord.summary(of: error), expected: "a training run's record")
    }
  }

  /// The runs of the newest training: those that the last `train-dbm` asked for and that
  /// are finished, else those of the newest group.
  ///
  /// - Throws: `PipelineError.notReady` where nothing was trained.
  public static func newest(in workspace: Workspace) throws -> [RunRecord] {
    let runs = try all(in: workspace)
    guard let last = runs.last else {
      throw PipelineError.notReady(
        subject: workspace.root.path, finding: "no finished training run",
        remedy: "run train-dbm, or name a checkpoint with --checkpoint")
    }
    if let newest = NewestTraining.read(from: workspace) {
      let found = newest.runs.compactMap { id in runs.first { $0.id == id } }
      if !found.isEmpty { return found }
    }
    return runs.filter { $0.group == last.group }
  }

  /// A new group's name: the time, so that names sort by age.
  static func newGroupName(in workspace: Workspace, at date: Date = Date()) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let name = formatter.string(from: date)
    let isTaken = folders(in: workspace).contains { $0.hasPrefix(name) }
    return isTaken ? newGroupName(in: workspace, at: date + 1) : name
  }
}

/// What the last training was asked for: `training.json`.
///
/// A training that is asked for the same again, over files that have not changed since,
/// ends at once.
struct NewestTraining: Codable, Equatable {
  /// The runs in the order of the plans, finished or not.
  var runs: [String]
  /// The request as JSON, and the state of the files that it read.
  var request: JSONValue
  var filesDigest: String

  static func file(in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("training.json")
  }

  static func read(from workspace: Workspace) -> NewestTraining? {
    try? JSONRecord.read(NewestTraining.self, from: file(in: workspace))
  }

  func write(to workspace: Workspace) throws {
    try JSONRecord.write(self, to: Self.file(in: workspace))
  }
}
