import Encoders
import Foundation
import Records
import Workspaces

/// One training run of a workspace: `runs/<id>/config.json`.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 1

  public var format = Self.currentFormat
  /// `<group>-<variant>-s<seed>`: the folder's name.
  public var id: String
  /// The runs that one `train-dbm` made together: seeds and variants to compare.
  public var group: String
  /// `dbvad`, or an ablation of it.
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
  public var epochs: Int
  public var seconds: Double
  /// The last epoch's mean losses by name.
  public var finalLosses: [String: Double]

  public init(
    id: String, group: String, variant: String, seed: UInt64, dataset: String,
    visualEncoder: EncoderIdentity, visualKey: String, descriptionEncoder: EncoderIdentity?,
    textFeaturesKey: String? = nil, describers: [String: Int], labelEncoder: EncoderIdentity,
    labelFeaturesKey: String? = nil, trainVideos: Int, epochs: Int,
    seconds: Double, finalLosses: [String: Double]
  ) {
    self.id = id
    self.group = group
    self.variant = variant
    self.seed = seed
    created = Date().formatted(.iso8601)
    self.dataset = dataset
    self.visualEncoder = visualEncoder
    self.visualKey = visualKey
    self.descriptionEncoder = descriptionEncoder
    self.textFeaturesKey = textFeaturesKey
    self.describers = describers
    self.labelEncoder = labelEncoder
    self.labelFeaturesKey = labelFeaturesKey
    self.trainVideos = trainVideos
    self.epochs = epochs
    self.seconds = seconds
    self.finalLosses = finalLosses
  }

  /// The record's file.
  public static func file(of run: String, in workspace: Workspace) -> URL {
    workspace.runFolder(run).appendingPathComponent("config.json")
  }

  /// The run's checkpoint.
  public static func checkpoint(of run: String, in workspace: Workspace) -> URL {
    workspace.runFolder(run).appendingPathComponent("checkpoint.safetensors")
  }

  /// All finished runs, oldest group first, then by variant and seed.
  public static func all(in workspace: Workspace) throws -> [RunRecord] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: workspace.runsFolder.path)) ?? []
    return try names.sorted()
      .filter { FileManager.default.fileExists(atPath: file(of: $0, in: workspace).path) }
      .map { try JSONRecord.read(RunRecord.self, from: file(of: $0, in: workspace)) }
      .sorted { ($0.group, $0.variant, $0.seed) < ($1.group, $1.variant, $1.seed) }
  }

  /// The runs of the newest group.
  ///
  /// - Throws: `CommandError.notReady` where nothing was trained.
  public static func newestGroup(in workspace: Workspace) throws -> [RunRecord] {
    let runs = try all(in: workspace)
    guard let last = runs.last else {
      throw CommandError.notReady(
        subject: workspace.root.path, finding: "no finished training run",
        remedy: "run train-dbm, or name a checkpoint with --checkpoint")
    }
    return runs.filter { $0.group == last.group }
  }

  /// A new group's name: the time, so that names sort by age.
  public static func newGroupName(at date: Date = Date()) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    return formatter.string(from: date)
  }
}
